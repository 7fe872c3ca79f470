import type { CallParts } from '../calls/call-parts.js';
import { chordOf } from '../calls/chord-of.js';
import { publicationOf } from '../calls/planned-publication.js';
import { SentMarker } from '../calls/sent-marker.js';
import { checkDistinctIds } from '../canvas/distinct-ids.js';
import type { Plan } from '../canvas/plan.js';
import { leafIds } from '../canvas/result-node.js';
import { kindOf } from '../canvas/signature-shape.js';
import { planOf } from '../canvas/start.js';
import { CHORD_ID_TAKEN, SIGNATURE_INVALID } from '../errors/canvas-errors.js';
import { UNROUTABLE } from '../errors/client-errors.js';
import { CAPABILITY_MISSING } from '../errors/config-errors.js';
import type { SignatureJson } from '../message/signature-json.js';
import type { Publication, PublishOutcome } from '../ports/publication.js';
import type { Stores } from '../stores/stores.js';
import { mostChildren, runningTask } from '../task/current-task.js';
import { arrangeArguments } from '../task/parameter-list.js';
import type { SignatureSender } from './canvas/signature-sender.js';
import { directContext } from './direct-context.js';
import type { AnyResult } from './any-result.js';
import type { Publisher } from './publisher.js';
import type { ResultAccess } from './result-access.js';
import { resultOfNode } from './result-of-node.js';

export interface WorkflowSenderParts extends CallParts {
  readonly stores: Stores;
  readonly newId: () => string;
  readonly createMissingQueues: boolean;
  readonly publisher: Publisher;
  readonly access: ResultAccess;
}

/** Sends signatures: all ids are fixed before, chords begin before their first message leaves, and all messages leave together. */
export class WorkflowSender implements SignatureSender {
  constructor(private readonly parts: WorkflowSenderParts) {}

  /**
   * @throws as `TaskClient.send`
   * @throws LOVAGE_SIGNATURE_INVALID when an id stands in it twice
   * @throws LOVAGE_CHORD_ID_TAKEN when a chord with a given id is there already
   */
  async send(
    json: SignatureJson,
    args: readonly unknown[],
    options: SignatureJson['options'],
  ): Promise<AnyResult> {
    const { newId, stores, access } = this.parts;
    const running = runningTask();
    const context = { newId, rootId: running?.context.rootId, parentId: running?.context.id };
    const plan = planOf(json, args, {}, options, context);
    checkDistinctIds(plan);
    await this.check(plan);
    const publications = plan.tasks.map((planned) => publicationOf(planned, this.parts));
    if (!stores.opened) await stores.open();
    await this.prepare(plan, publications);
    const outcomes = await Promise.all(
      publications.map(async (publication) => await this.publish(publication)),
    );
    for (const [index, { kind }] of outcomes.entries()) {
      const planned = plan.tasks[index];
      const { exchange = '', routingKey = '' } = publications[index] ?? {};
      if (kind === 'unroutable' && planned !== undefined)
        throw UNROUTABLE.create({ taskName: planned.task, taskId: planned.id, exchange, routingKey });
      if (planned !== undefined && running !== undefined && running.children.length < mostChildren)
        running.children.push(planned.id);
    }
    return resultOfNode(plan.node, access);
  }

  async call(json: SignatureJson, args: readonly unknown[]): Promise<unknown> {
    if (kindOf(json) !== 'task')
      throw SIGNATURE_INVALID.create({ problem: `only a task can be called, "${json.task}" must be sent` });
    const { registry, newId } = this.parts;
    const definition = registry.get(json.task);
    const all = json.immutable ? json.args : [...args, ...json.args];
    const arranged = arrangeArguments(json.task, definition.parameters, all, json.kwargs);
    const checked = await (definition.validate?.(arranged) ?? arranged);
    return await definition.run(checked, directContext(json, all, newId()));
  }

  /** Queues, chords, and marks for the ids that somebody will ask for before they are sent. */
  private async prepare(plan: Plan, publications: readonly Publication[]): Promise<void> {
    const { stores, createMissingQueues, newId, resultTtlMs, tracksSent } = this.parts;
    const { results } = stores;
    const queues = new Set(
      publications
        .filter(
          ({ exchange, routingKey }) =>
            exchange === '' && createMissingQueues && !stores.declared(routingKey),
        )
        .map(({ routingKey }) => routingKey),
    );
    if (plan.chords.length > 0 && results === undefined) {
      throw CAPABILITY_MISSING.create({
        driver: stores.broker.address,
        capability: 'join',
        instead: 'A chord needs a result store: give "results".',
      });
    }
    const owner = newId();
    const sent = new Set(plan.tasks.map(({ id }) => id));
    const later = tracksSent ? leafIds(plan.node).filter((id) => !sent.has(id)) : [];
    const marks = later.map((id) => new SentMarker(id, resultTtlMs));
    await Promise.all([
      ...[...queues].map(async (queue) => await stores.declareQueue(queue)),
      ...plan.chords.map(async (planned) => {
        const chord = chordOf(planned, owner, resultTtlMs);
        const opening = await results?.openChord({ chord, deadline: stores.deadline() });
        if (opening?.kind === 'taken') throw CHORD_ID_TAKEN.create({ groupId: chord.groupId });
      }),
      marks.length === 0 ? undefined : results?.put({ results: marks, deadline: stores.deadline() }),
    ]);
  }

  /** What is known of the tasks that begin now is checked before anything leaves. */
  private async check(plan: Plan): Promise<void> {
    for (const { task, args, kwargs } of plan.tasks) {
      const definition = this.parts.registry.known(task);
      if (
        definition === undefined ||
        (definition.parameters === undefined && definition.validate === undefined)
      )
        continue;
      const checked = definition.validate?.(arrangeArguments(task, definition.parameters, args, kwargs));
      if (checked instanceof Promise) await checked;
    }
  }

  private async publish(publication: Publication): Promise<PublishOutcome> {
    return await new Promise((resolve, reject) => {
      this.parts.publisher.push(publication, (outcome: PublishOutcome | undefined, error: unknown) => {
        // reason: what the publisher fails with is handed on as it is.
        // oxlint-disable-next-line prefer-promise-reject-errors
        if (outcome === undefined) reject(error);
        else resolve(outcome);
      });
    });
  }
}
