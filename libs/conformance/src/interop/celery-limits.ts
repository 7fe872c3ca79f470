import type { Shape } from '../workflows/workflow-model.js';

/**
 * Celery 5.2 alone never ends a chord that has, as a part, a chord whose body is a group: it counts the members of that group for a group
 * of their own. Where Lovage begins it, it ends.
 */
export function isWrongInCelery(shape: Shape): boolean {
  switch (shape.kind) {
    case 'task':
      return shape.by !== undefined && isWrongReplacement(shape.by, shape.place);
    case 'chain':
      return shape.steps.some(
        // Each member of that group would go on with that chain by itself.
        (step, at) =>
          isWrongInCelery(step) || (endsInBodyGroup(step) && shape.steps[at + 1]?.kind === 'chain'),
      );
    case 'group':
      return shape.members.some((member) => endsInBodyGroup(member) || isWrongInCelery(member));
    case 'chord':
      break;
  }
  return [...shape.header, shape.body].some((part) => endsInBodyGroup(part) || isWrongInCelery(part));
}

/**
 * What a Python worker makes of a replacement. Celery gathers the values of a bare group only; and where the task was a member itself it
 * gives its position to each member of the header, so that their order is that of their ids.
 */
const isWrongReplacement = (by: Shape, place: number): boolean =>
  isWrongInCelery(by) || (place === 0 && hasOrder(by));

/** Whether an order of members stands anywhere in it, or at its end a group that is not all of it. */
function hasOrder(shape: Shape): boolean {
  switch (shape.kind) {
    case 'task':
      return false;
    case 'chain':
      return shape.steps.some((step) => step.kind !== 'task');
    case 'group':
      return shape.members.length > 1 || shape.members.some((member) => member.kind !== 'task');
    case 'chord':
  }
  return true;
}

function endsInBodyGroup(shape: Shape): boolean {
  if (shape.kind === 'chain')
    return (
      shape.steps.slice(-1).some(endsInBodyGroup) ||
      (shape.steps.slice(0, -1).some((step) => step.kind !== 'task') && endsWithGroup(shape))
    );
  if (shape.kind === 'group') return shape.members.some(endsInBodyGroup);
  return shape.kind === 'chord' && endsWithGroup(shape.body);
}

function endsWithGroup(shape: Shape): boolean {
  if (shape.kind === 'chain') return shape.steps.slice(-1).some(endsWithGroup);
  return shape.kind === 'group' || (shape.kind === 'chord' && endsWithGroup(shape.body));
}
