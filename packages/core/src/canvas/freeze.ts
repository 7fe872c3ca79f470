import type { SignatureJson } from '../message/signature-json.js';
import { chunkGroup, isChunks } from './chunks.js';
import { flatMembers } from './flat-members.js';
import { normalSteps, stepsOf } from './normal-steps.js';
import type { ResultNode } from './result-node.js';
import {
  bodyOf,
  headerOf,
  kindOf,
  listOption,
  makeChain,
  makeChord,
  makeGroup,
  tasksOf,
  textOption,
} from './signature-shape.js';

/** What the end of a frozen signature belongs to. */
export interface Membership {
  /** Id of its end, where it has none of its own. */
  readonly id?: string | undefined;
  readonly groupId?: string | undefined;
  readonly groupIndex?: number | undefined;
  /** Body of the chord that it is a part of. */
  readonly chord?: SignatureJson | undefined;
}

export interface Frozen {
  readonly json: SignatureJson;
  readonly node: ResultNode;
}

const nothing: Membership = {};

/**
 * Gives a signature and all in it their final ids, so that what it will give is known before anything is sent, and the same message
 * can be sent twice. Ids that are there already stay.
 */
export function freeze(
  json: SignatureJson,
  newId: () => string,
  parent?: ResultNode,
  membership: Membership = nothing,
): Frozen {
  switch (kindOf(json)) {
    case 'chain':
      return freezeChain(json, newId, parent, membership);
    case 'group':
      return freezeGroup(json, newId, parent, membership);
    case 'chord':
      return freezeChord(json, newId, parent, membership);
    case 'task':
  }
  const rest = listOption(json.options, 'chain');
  if (rest.length > 0) {
    // What was frozen before, or comes from Python, may carry the rest of its chain with it.
    const { steps, node } = freezeSteps([withoutRest(json), ...rest.toReversed()], newId, parent, membership);
    return { json: withRest(steps), node };
  }
  if (isChunks(json))
    return freezeGroup({ ...chunkGroup(json), options: json.options }, newId, parent, membership);
  const id = textOption(json, 'task_id') ?? membership.id ?? newId();
  const options = { ...json.options, task_id: id, ...membershipOptions(json, membership) };
  return { json: { ...json, options }, node: { kind: 'task', id, task: json.task, parent } };
}

/** A task alone, without the chain that it carries. */
export function withoutRest(json: SignatureJson): SignatureJson {
  const { chain: _chain, ...options } = json.options;
  return { ...json, options };
}

function membershipOptions(
  { options }: SignatureJson,
  { groupId, groupIndex, chord }: Membership,
): SignatureJson['options'] {
  return {
    ...(groupId !== undefined && options['group_id'] === undefined && { group_id: groupId }),
    ...(groupIndex !== undefined && { group_index: groupIndex }),
    ...(chord !== undefined && { chord }),
  };
}

function freezeChain(
  json: SignatureJson,
  newId: () => string,
  parent: ResultNode | undefined,
  membership: Membership,
): Frozen {
  const end = membershipOf(json, membership);
  const { steps, node } = freezeSteps(normalSteps(stepsOf(json)), newId, parent, end);
  return { json: makeChain(steps), node };
}

export interface FrozenSteps {
  readonly steps: readonly SignatureJson[];
  readonly node: ResultNode;
}

/** @param steps as `normalSteps` gives them */
export function freezeSteps(
  steps: readonly SignatureJson[],
  newId: () => string,
  parent: ResultNode | undefined,
  end: Membership,
): FrozenSteps {
  let node = parent;
  const frozen = steps.map((step, at) => {
    const one = freeze(step, newId, node, at === steps.length - 1 ? end : nothing);
    ({ node } = one);
    return one.json;
  });
  return { steps: frozen, node: node ?? { kind: 'group', id: end.id ?? newId(), members: [], parent } };
}

function freezeGroup(
  json: SignatureJson,
  newId: () => string,
  parent: ResultNode | undefined,
  membership: Membership,
): Frozen {
  const end = membershipOf(json, membership);
  const id = textOption(json, 'task_id') ?? membership.id ?? newId();
  const members = flatMembers(tasksOf(json)).map((member, at) =>
    freeze(member, newId, undefined, { groupId: end.groupId, groupIndex: end.groupIndex ?? at }),
  );
  const options = { ...json.options, task_id: id, ...(end.chord !== undefined && { chord: end.chord }) };
  return {
    json: makeGroup(
      members.map((member) => member.json),
      options,
    ),
    node: { kind: 'group', id, members: members.map(({ node }) => node), parent },
  };
}

function freezeChord(
  json: SignatureJson,
  newId: () => string,
  parent: ResultNode | undefined,
  membership: Membership,
): Frozen {
  const end = membershipOf(json, membership);
  const header = headerOf(json);
  const groupId = header.groupId ?? newId();
  const members = flatMembers(header.tasks).map((member) => freeze(member, newId, undefined));
  const group = {
    kind: 'group',
    id: groupId,
    members: members.map(({ node }) => node),
    parent,
  } as const;
  const body = freezeBody(bodyOf(json), newId, group, { ...end, id: textOption(json, 'task_id') ?? end.id });
  const { options } = json;
  const own = Object.fromEntries(Object.entries(options).filter(([name]) => !ofTheEnd.has(name)));
  const named = makeGroup(
    members.map((member) => member.json),
    { task_id: groupId },
  );
  return { json: makeChord(named, body.json, own), node: body.node };
}

/** Options that belong to the end of a composition, and are there once it is frozen. */
export const ofTheEnd: ReadonlySet<string> = new Set([
  'task_id',
  'group_id',
  'group_index',
  'chord',
  'link',
  'link_error',
]);

/**
 * The body of a chord. One of several steps stays a chain, with the id of its end and its callbacks for failures on the chain itself: that
 * is where a Python worker looks for them when the chord fails. (As its first step with the others as its `chain` it would lose them: a
 * Python worker that comes to a chord in a chain replaces that option by its own.)
 */
export function freezeBody(
  body: SignatureJson,
  newId: () => string,
  parent: ResultNode,
  end: Membership,
): Frozen {
  const steps = kindOf(body) === 'chain' ? normalSteps(stepsOf(body)) : carriedSteps(body);
  if (steps === undefined) return freeze(body, newId, parent, end);
  const frozen = freezeSteps(steps, newId, parent, membershipOf(body, end));
  const [first] = frozen.steps;
  if (first === undefined || frozen.steps.length === 1)
    return { json: withRest(frozen.steps), node: frozen.node };
  const errbacks = listOption(first.options, 'link_error');
  const options = { task_id: frozen.node.id, ...(errbacks.length > 0 && { link_error: errbacks }) };
  return { json: makeChain(frozen.steps, options), node: frozen.node };
}

/** The steps of a task that carries the rest of its chain with it. */
function carriedSteps(json: SignatureJson): readonly SignatureJson[] | undefined {
  const rest = kindOf(json) === 'task' ? listOption(json.options, 'chain') : [];
  return rest.length === 0 ? undefined : normalSteps([withoutRest(json), ...rest.toReversed()]);
}

/** Frozen steps as their first one, with the others as its `chain`: the next one last. */
export function withRest(steps: readonly SignatureJson[]): SignatureJson {
  const [first, ...rest] = steps;
  if (first === undefined) return makeChain([]);
  if (rest.length === 0) return first;
  const outer = listOption(first.options, 'chain');
  return { ...first, options: { ...first.options, chain: [...rest.toReversed(), ...outer] } };
}

/** What a composition says of its own end, else what it is told. */
function membershipOf({ options }: SignatureJson, given: Membership): Membership {
  if (
    given === nothing &&
    options['chord'] === undefined &&
    options['group_id'] === undefined &&
    options['task_id'] === undefined
  )
    return nothing;
  const { task_id: id, group_id: groupId, group_index: groupIndex, chord } = options;
  return {
    id: typeof id === 'string' ? id : given.id,
    groupId: typeof groupId === 'string' ? groupId : given.groupId,
    groupIndex: given.groupIndex ?? (typeof groupIndex === 'number' ? groupIndex : undefined),
    chord: given.chord ?? (chord as SignatureJson | undefined) ?? undefined,
  };
}
