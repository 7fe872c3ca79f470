import type { Shape } from './workflow-model.js';

/** How a task of a workflow should end. */
export interface Ending {
  /** SUCCESS, or how it ends. */
  readonly state: string;
  /** It waited for a chord that ended without its body. */
  readonly ofChord: boolean;
}

const good: Ending = { state: 'SUCCESS', ofChord: false };
const chordError: Ending = { state: 'FAILURE', ofChord: true };

/** The one task that fails: its state, and the state that what waits for it ends with. */
export interface Fault {
  /** Number of the task. */
  readonly at: number;
  readonly state: string;
  readonly followers: string;
}

/** What the documentation says of a failing task: the end of each task, by its number. */
export function endingsOf(shape: Shape, fault: Fault): ReadonlyMap<number, Ending> {
  const endings = new Map<number, Ending>();
  // The end of a part, and what waits for that: an error, or nothing.
  const all = (parts: readonly Shape[], input: Ending): Ending[] => parts.map((part) => end(part, input));
  const joined = (ends: readonly Ending[]): Ending => (ends.every((one) => one === good) ? good : chordError);
  const end = (part: Shape, input: Ending): Ending => {
    switch (part.kind) {
      case 'task': {
        const fails = part.n === fault.at && input === good;
        endings.set(part.n, fails ? { state: fault.state, ofChord: false } : input);
        return fails ? { state: fault.followers, ofChord: false } : input;
      }
      case 'chain': {
        let value = input;
        for (const [index, step] of part.steps.entries()) {
          const given = value;
          value = end(step, given);
          // A group that a step follows is a chord.
          const isHeader = step.kind === 'group' && index < part.steps.length - 1;
          if (isHeader && given === good && value !== good) value = chordError;
        }
        return value;
      }
      case 'group': {
        const ends = all(part.members, input);
        return input === good ? (ends.find((one) => one !== good) ?? good) : input;
      }
      case 'chord':
        break;
    }
    const ends = all(part.header, input);
    return end(part.body, input === good ? joined(ends) : input);
  };
  end(shape, good);
  return endings;
}

/** The numbers of all tasks of a shape. */
export function numbersOf(shape: Shape): readonly number[] {
  switch (shape.kind) {
    case 'task':
      return [shape.n];
    case 'chain':
      return shape.steps.flatMap(numbersOf);
    case 'group':
      return shape.members.flatMap(numbersOf);
    case 'chord':
      break;
  }
  return [...shape.header.flatMap(numbersOf), ...numbersOf(shape.body)];
}

const task = (n: number): Shape => ({ kind: 'task', n, place: 0 });
const one = task(1);
const two = task(2);
const three = task(3);
const four = task(4);
const five = task(5);

/** Each way in which workflows are put together, by name. */
export const failingShapes: Readonly<Record<string, Shape>> = {
  chain: { kind: 'chain', steps: [one, two, three] },
  group: { kind: 'group', members: [one, two, three] },
  chord: { kind: 'chord', header: [one, two], body: three },
  'chain into a group': { kind: 'chain', steps: [one, { kind: 'group', members: [two, three] }] },
  'group between steps': {
    kind: 'chain',
    steps: [one, { kind: 'group', members: [two, three] }, four, five],
  },
  'group of a chain and a chord': {
    kind: 'group',
    members: [
      { kind: 'chain', steps: [one, two] },
      { kind: 'chord', header: [three, four], body: five },
    ],
  },
  'chord of a chord and a chain': {
    kind: 'chord',
    header: [
      { kind: 'chord', header: [one, two], body: three },
      { kind: 'chain', steps: [four, five] },
    ],
    body: { kind: 'chain', steps: [task(6), task(7)] },
  },
};
