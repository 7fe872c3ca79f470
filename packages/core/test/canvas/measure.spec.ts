import { deepest, measure, mostSignatures } from '../../src/canvas/measure.js';
import { makeChain, makeChord, makeGroup, makeTask } from '../../src/canvas/signature-shape.js';
import { Signature } from '../../src/client/canvas/signature.js';
import type { SignatureJson } from '../../src/message/signature-json.js';

const invalid = (part: string): unknown =>
  expect.objectContaining({ code: 'LOVAGE_SIGNATURE_INVALID', message: expect.stringContaining(part) });
const refused = (json: SignatureJson): unknown => {
  try {
    return new Signature(json).toJSON();
  } catch (error) {
    return error;
  }
};

/** A signature that holds itself where `name` stands. */
function cycle(name: string): SignatureJson {
  const options: Record<string, unknown> = {};
  const json = makeTask('add', [], {}, options);
  options[name] = [json];
  return json;
}

describe('a signature', () => {
  it.each(['link', 'link_error', 'chain'])(
    'that follows itself by "%s" is refused when it is built',
    (name) => {
      expect(refused(cycle(name))).toEqual(invalid('a part of itself'));
    },
  );

  it.each([
    ['chain', (tasks: SignatureJson[]) => makeChain(tasks)],
    ['group', (tasks: SignatureJson[]) => makeGroup(tasks)],
    ['header', (tasks: SignatureJson[]) => makeChord(tasks, makeTask('body'))],
  ])('that is a member of its own %s is refused when it is built', (_, make) => {
    const tasks: SignatureJson[] = [];
    const json = make(tasks);
    tasks.push(json);
    expect(refused(json)).toEqual(invalid('a part of itself'));
  });

  it('that is its own body, written short as Python may do, is refused', () => {
    const kwargs: Record<string, unknown> = { header: [] };
    const json = {
      task: 'celery.chord',
      kwargs,
      subtask_type: 'chord',
      options: {},
    } as unknown as SignatureJson;
    kwargs['body'] = json;
    expect(refused({ ...json, args: [], immutable: false })).toEqual(invalid('nested more than'));
  });

  it('may stand in a composition any number of times', () => {
    const one = makeTask('add');
    const tree = [1, 2, 3, 4].reduce<SignatureJson>((json) => makeGroup([json, json]), one);
    expect(measure(tree)).toEqual({ count: 31, depth: 5 });
  });

  it('is nested no deeper than a message may be', () => {
    let json = makeTask('add');
    for (let level = 1; level < deepest; level += 1) json = makeChain([json]);
    expect(measure(json).depth).toBe(deepest);
    expect(refused(makeChain([json]))).toEqual(invalid(`more than ${deepest} levels`));
    const linked = makeTask('add', [], {}, { link: [json] });
    expect(refused(linked)).toEqual(invalid(`more than ${deepest} levels`));
  });

  it('holds no more signatures than can be sent', () => {
    const one = makeTask('add');
    const group = makeGroup(Array.from({ length: 9999 }, () => one));
    expect(refused(makeGroup(Array.from({ length: 11 }, () => group)))).toEqual(
      invalid(`at most ${mostSignatures}`),
    );
  });
});
