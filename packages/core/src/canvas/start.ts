import { SIGNATURE_INVALID } from '../errors/canvas-errors.js';
import { markRead } from '../message/read-signatures.js';
import type { SignatureJson } from '../message/signature-json.js';
import { chunkGroup, isChunks } from './chunks.js';
import { chordSize } from './chord-size.js';
import { flatMembers } from './flat-members.js';
import { freezeBody, freezeSteps, type Membership, ofTheEnd, withoutRest, withRest } from './freeze.js';
import { withErrorLinks, withLinks } from './links.js';
import { mergeOptions, mergeSignature } from './merge.js';
import { asOne, normalSteps, stepsOf } from './normal-steps.js';
import type { Plan, PlanContext, PlannedChord, PlannedTask } from './plan.js';
import type { ResultNode } from './result-node.js';
import {
  bodyOf,
  headerOf,
  kindOf,
  listOption,
  makeChain,
  makeGroup,
  tasksOf,
  textOption,
} from './signature-shape.js';

type Options = SignatureJson['options'];
type Kwargs = SignatureJson['kwargs'];

/** Most messages that one signature may become. */
const mostTasks = 100_000;

/**
 * What Celery does when a signature is applied: which messages are sent now, which chords begin, and by which ids the results will be
 * found. Nothing is sent here.
 *
 * @param args come before those of the signature
 * @throws LOVAGE_SIGNATURE_INVALID
 */
export function planOf(
  json: SignatureJson,
  args: readonly unknown[],
  kwargs: Kwargs,
  options: Options,
  context: PlanContext,
): Plan {
  const planning = new Planning(context);
  const node = planning.start({ json, args, kwargs, options, parent: undefined });
  return { tasks: planning.tasks, chords: planning.chords, node };
}

/** One signature as it is applied. */
interface Application {
  readonly json: SignatureJson;
  /** Come before those of the signature. */
  readonly args: readonly unknown[];
  readonly kwargs: Kwargs;
  /** Go over those of the signature. */
  readonly options: Options;
  readonly parent: ResultNode | undefined;
}

class Planning {
  readonly tasks: PlannedTask[] = [];
  readonly chords: PlannedChord[] = [];

  constructor(private readonly context: PlanContext) {}

  start(application: Application): ResultNode {
    const { json, args, kwargs, options, parent } = application;
    switch (kindOf(json)) {
      case 'chain':
        return this.startChain(application);
      case 'group':
        return this.startGroup(application);
      case 'chord':
        return this.startChord(application);
      case 'task':
    }
    const carried = listOption(json.options, 'chain');
    if (carried.length > 0 && saysWhereItEnds(options)) {
      const whole = makeChain([withoutRest(json), ...carried.toReversed()]);
      return this.startChain({ ...application, json: { ...whole, immutable: json.immutable } });
    }
    return isChunks(json)
      ? this.startGroup({
          json: chunkGroup(json),
          args: [],
          kwargs: {},
          options: mergeOptions(json.options, options),
          parent,
        })
      : this.startTask(mergeSignature(json, args, kwargs, options), parent);
  }

  private startTask(
    { task, args, kwargs, options }: SignatureJson,
    parent: ResultNode | undefined,
  ): ResultNode {
    const { newId, rootId, parentId } = this.context;
    const own = (name: string): string | undefined => {
      const value = options[name];
      return typeof value === 'string' && value !== '' ? value : undefined;
    };
    const id = own('task_id') ?? newId();
    const chain = options['chain'];
    const index = options['group_index'];
    if (this.tasks.length >= mostTasks)
      throw SIGNATURE_INVALID.create({ problem: `it becomes more than ${mostTasks} messages at once` });
    this.tasks.push({
      id,
      task,
      args,
      kwargs,
      options,
      rootId: rootId ?? own('root_id') ?? id,
      parentId: parentId ?? own('parent_id'),
      groupId: own('group_id'),
      groupIndex: typeof index === 'number' ? index : undefined,
      chord: (options['chord'] as SignatureJson | undefined) ?? null,
      chain: chain === undefined || chain === null ? null : listOption(options, 'chain'),
      callbacks: orNull(listOption(options, 'link')),
      errbacks: orNull(listOption(options, 'link_error')),
    });
    return { kind: 'task', id, task, parent };
  }

  private startChain({ json, args, kwargs, options, parent }: Application): ResultNode {
    const merged = mergeOptions(json.options, options);
    const linked = { ...json, options: linksOf(merged) };
    const taken = json.immutable ? { args: [], kwargs: {} } : { args, kwargs };
    const outer = listOption(merged, 'chain').toReversed();
    const { newId } = this.context;
    const inner = freezeSteps(normalSteps(stepsOf(linked)), newId, parent, membershipIn(merged));
    let { steps, node } = inner;
    if (outer.length > 0) {
      // What was frozen stays as it is; only its order may have to change, where a group or a chord stands before the rest.
      ({ steps, node } = freezeSteps(normalSteps([...steps, ...outer]), newId, parent, {}));
    }
    const [first, ...rest] = steps;
    if (first === undefined) return node;
    const begun = this.start({
      json: withRest([first, ...rest]),
      ...taken,
      options: startOptions(merged),
      parent,
    });
    return rest.length === 0 ? begun : node;
  }

  private startGroup({ json, args, kwargs, options, parent }: Application): ResultNode {
    const merged = mergeOptions(json.options, options);
    const rest = listOption(merged, 'chain').toReversed();
    if (rest.length > 0) {
      const bare = makeGroup(
        tasksOf(json),
        textOption(json, 'task_id') === undefined ? {} : { task_id: json.options['task_id'] },
      );
      const { chain: _chain, task_id: _id, ...others } = merged;
      return this.start({ json: makeChain([bare, ...rest]), args, kwargs, options: others, parent });
    }
    const id = (merged['task_id'] as string | undefined) ?? this.context.newId();
    const linked = withBothLinks(makeGroup(tasksOf(json)), merged);
    const shared = startOptions(merged);
    const chord = merged['chord'] ?? undefined;
    // As a part of a chord it counts for as many parts as it has members, all in its place.
    const outer = chord === undefined ? undefined : (merged['group_id'] as string | undefined);
    const place = outer === undefined ? undefined : (merged['group_index'] as number | undefined);
    const members = flatMembers(tasksOf(linked)).map((member, at) =>
      this.start({
        json: member,
        args,
        kwargs,
        options: {
          ...shared,
          group_id: groupOf(member) ?? outer ?? id,
          group_index: (groupOf(member) === undefined ? place : undefined) ?? indexOf(member) ?? at,
          ...(chord !== undefined && { chord }),
        },
        parent: undefined,
      }),
    );
    return { kind: 'group', id, members, parent };
  }

  private startChord({ json, args, kwargs, options, parent }: Application): ResultNode {
    const { newId } = this.context;
    const merged = mergeOptions(json.options, options);
    const { body: given, ...otherKwargs } = kwargs;
    const header = headerOf(json);
    const groupId = header.groupId ?? newId();
    const rest = listOption(merged, 'chain').toReversed();
    const bare = given === undefined ? bodyOf(json) : (given as SignatureJson);
    const sent = bodyOptions(merged);
    const whole = asOne(normalSteps([bare, ...rest]));
    const linked = withBothLinks(whole, merged);
    const members = flatMembers(header.tasks);
    const size = members.reduce((sum, member) => sum + chordSize(member), 0);
    const end = membershipIn(merged);
    const none = emptyGroup(groupId, parent);
    const draft = freezeBody(linked, newId, none, end);
    if (size === 0)
      return this.start({ json: draft.json, args: [[]], kwargs: {}, options: sent, parent: none });
    const body = markRead(Object.keys(sent).length === 0 ? draft.json : withSendOptions(draft.json, sent));
    const shared = startOptions(merged);
    const taken = json.immutable
      ? { args: [], kwargs: {} }
      : { args: [...args, ...json.args], kwargs: otherKwargs };
    const nodes = members.map((member, at) =>
      this.start({
        json: member,
        ...taken,
        options: { ...shared, group_id: groupId, group_index: at, chord: body },
        parent: undefined,
      }),
    );
    const group: ResultNode = { kind: 'group', id: groupId, members: nodes, parent };
    this.chords.push({
      groupId,
      size,
      body,
      structure: nodes.some(({ kind }) => kind === 'group') ? group : undefined,
      header: group,
    });
    return withParent(draft.node, groupId, group);
  }
}

/** Whether options are for the end of what a task carries, and not for the task itself. */
const saysWhereItEnds = (options: Options): boolean =>
  ['chain', 'chord', 'group_id', 'task_id', 'link'].some((name) => options[name] !== undefined);

const orNull = (list: readonly SignatureJson[]): readonly SignatureJson[] | null =>
  list.length === 0 ? null : list;

const emptyGroup = (id: string, parent: ResultNode | undefined): ResultNode => ({
  kind: 'group',
  id,
  members: [],
  parent,
});

/** The same chain of parents, with the header as it has become known. */
function withParent(node: ResultNode, groupId: string, group: ResultNode): ResultNode {
  if (node.id === groupId && node.kind === 'group') return group;
  return node.parent === undefined ? node : { ...node, parent: withParent(node.parent, groupId, group) };
}

const membershipIn = (options: Options): Membership => ({
  id: options['task_id'] as string | undefined,
  groupId: options['group_id'] as string | undefined,
  groupIndex: options['group_index'] as number | undefined,
  chord: (options['chord'] as SignatureJson | undefined) ?? undefined,
});

const withBothLinks = (json: SignatureJson, options: Options): SignatureJson =>
  withErrorLinks(withLinks(json, listOption(options, 'link')), listOption(options, 'link_error'));

const linksOf = (options: Options): Options => ({
  ...(options['link'] !== undefined && { link: options['link'] }),
  ...(options['link_error'] !== undefined && { link_error: options['link_error'] }),
});

/** What the first messages of a composition are sent with. */
function startOptions(options: Options): Options {
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => !ofTheEnd.has(name) && name !== 'chain'),
  );
}

/** As in Celery the body of a chord is sent with its options too, but not later because the header was. */
function bodyOptions(options: Options): Options {
  const { countdown: _countdown, eta: _eta, ...others } = startOptions(options);
  return others;
}

const withSendOptions = (body: SignatureJson, options: Options): SignatureJson => ({
  ...body,
  options: mergeOptions(body.options, options),
});

const groupOf = (member: SignatureJson): string | undefined => textOption(member, 'group_id');
const indexOf = (member: SignatureJson): number | undefined => {
  const index = member.options['group_index'];
  return typeof index === 'number' ? index : undefined;
};
