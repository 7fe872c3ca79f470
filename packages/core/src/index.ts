/** The public face of the core: what applications, drivers and integrations import. */
export {
  type AppBinding,
  type AppOptions,
  appOptionNames,
  type BeatOptions,
  type WorkerOptions,
} from './app/app-options.js';
export { isEmbedded } from './app/is-embedded.js';
export { assumeRole, processRole, type ProcessRole } from './app/process-role.js';
export { type AppParts, TaskApp } from './app/task-app.js';
export { OptionReader } from './app/option-reader.js';
export { type CoalescerOptions, Coalescer, type Done } from './batch/coalescer.js';
export type { AnyResult } from './client/any-result.js';
export type { GetOptions } from './client/get-options.js';
export { type GroupGetOptions, GroupResult } from './client/group-result.js';
export { chain, chord, chunks, group, map, starmap } from './client/canvas/compose.js';
export { GroupSignature } from './client/canvas/group-signature.js';
export { Signature, type SignatureOptions } from './client/canvas/signature.js';
export type { SignatureSender } from './client/canvas/signature-sender.js';
export type * from './client/canvas/signature-types.js';
export {
  type GraphEdge,
  type GraphNode,
  toDot,
  toMermaid,
  type WorkflowGraph,
} from './client/workflow-graph.js';
export { TaskResult } from './client/task-result.js';
export type { RevokeOptions } from './client/result-access.js';
export type { RevokedTask } from './client/revoked-task.js';
export type { Stamps } from './client/revoker.js';
export type { ApplyOptions, TaskCaller } from './client/task-caller.js';
export type { TaskCall } from './client/task-call.js';
export { TaskClient } from './client/task-client.js';
export type { TaskSnapshot } from './client/task-snapshot.js';
export { Beat, type BeatParts } from './beat/beat.js';
export type { BeatSettings, ScheduleSettings } from './beat/beat-settings.js';
export type { BeatSchedule, CeleryEntry } from './beat/celery-entries.js';
export type {
  MissedTicks,
  Overlap,
  PeriodicEntry,
  PeriodicOptions,
  PeriodicSendOptions,
} from './beat/periodic-entry.js';
export type { KeptMissed } from './beat/schedule-record.js';
export type { BeatInfo, ScheduleInfo } from './beat/schedule-view.js';
export { Schedules, type SchedulesParts } from './beat/schedules.js';
export { tickId } from './beat/tick-id.js';
export type { Clock, MonoMs, Timer, WallMs } from './clock/clock.js';
export { Deadline } from './clock/deadline.js';
export { type Duration, durationMs } from './clock/duration.js';
export { SystemClock } from './clock/system-clock.js';
export { VirtualClock } from './clock/virtual-clock.js';
export * from './errors/catalogue.js';
export { defineError, type ErrorDefinition } from './errors/define-error.js';
export { type ErrorDetails, isLovageError, LovageError } from './errors/lovage-error.js';
export { callListener } from './drivers/call-listener.js';
export { checkTokenRequest } from './drivers/check-token-request.js';
export { DriverStore } from './drivers/driver-store.js';
export { LedgerWatches } from './drivers/ledger-watches.js';
export type { OutageWatch, OutageWatchOptions } from './drivers/outage-watch.js';
export { checkedLimit } from './drivers/page-limit.js';
export { StoreSession } from './drivers/store-session.js';
export { EventHub, type EventListener } from './events/event-hub.js';
export type { BeatEvent } from './events/beat-event.js';
export type { DrainReport, LovageEvent, TaskEvent, WorkerEvent } from './events/task-event.js';
export { Service } from './lifecycle/service.js';
export { createMemoryDriver } from './memory/memory-driver.js';
export { type CompressionName, type SerializerName } from './message/codec-names.js';
export type { JsonTypes } from './message/codec-context.js';
export { contentTypes } from './message/content-types.js';
export { type DecodeOptions, decodeTask } from './message/decode-task.js';
export { type Encoded, encodedBytes, encodedLength } from './message/encoded.js';
export { type EncodeOptions, encodeTask } from './message/encode-task.js';
export { errorToJson, tracebackOf } from './message/error-json.js';
export { defaultMessageLimits, type MessageLimits } from './message/message-limits.js';
export { provideModule } from './message/optional-module.js';
export { peekIdentity } from './message/peek-identity.js';
export {
  errorFromJson,
  isRemoteError,
  RemoteError,
  type RemoteErrorDetails,
} from './message/remote-error.js';
export { decodeResult, encodeResult, type ResultEncodeOptions } from './message/result-document.js';
export type {
  AttemptRecord,
  ErrorExtras,
  ErrorJson,
  ExtendedRecord,
  ResultRecord,
  ResultTuple,
} from './message/result-record.js';
export { sentDocument } from './message/sent-document.js';
export type { Serializer } from './message/serializer.js';
export { serializerFor } from './message/serializers.js';
export type { SignatureJson } from './message/signature-json.js';
export type { Embed, TaskMessage } from './message/task-message.js';
export {
  comparePrecedence,
  isReady,
  mayReplace,
  precedence,
  TaskState,
  type TaskStateName,
} from './message/task-state.js';
export { date, decimal, time, TypedValue, type TypedValueKind, uuid } from './message/typed-value.js';
export type { MessageProperties, WireHeaders, WireMessage } from './message/wire-message.js';
export { type AskOptions, RemoteControl, type Replies } from './monitor/remote-control.js';
export type { Broker, BrokerCapabilities, UnparkOutcome } from './ports/broker.js';
export type { Chord, ChordOpening, ChordPart, Joined, OpenChord } from './ports/chord-part.js';
export type { Consumer, ConsumeParams, Delivery } from './ports/consumer.js';
export type { CreateDriver, Driver, DriverContext } from './ports/driver.js';
export type { InspectedMessage, Inspector, MessagePage, MessagePlace, QueueInfo } from './ports/inspector.js';
export type {
  Lease,
  LeaseOutcome,
  Ledger,
  LedgerChange,
  LedgerRecord,
  RecordOutcome,
  Revocation,
  Tick,
  TickRecord,
  TickOutcome,
  TokenOutcome,
  TokenRequest,
} from './ports/ledger.js';
export type { Publication, PublishOutcome } from './ports/publication.js';
export type {
  PutOutcome,
  ResultListener,
  ResultStore,
  ResultStoreCapabilities,
  ResultWatch,
} from './ports/result-store.js';
export type { Settlement, SettleOutcome, SettleVerb, ParkReason } from './ports/settlement.js';
export type { StoredResult } from './ports/stored-result.js';
export type {
  Binding,
  Exchange,
  ExchangeType,
  Queue,
  Topology,
  TopologyArguments,
} from './ports/topology.js';
export { type AppQueue, broadcast } from './routing/app-queue.js';
export { type Destination, Router } from './routing/router.js';
export type { Route, RouteFunction, Routes, RouteTable } from './routing/routes.js';
export { cron } from './schedule/cron-expression.js';
export { type CrontabField, type CrontabOptions, crontab } from './schedule/crontab.js';
export {
  type CustomQuestion,
  customSchedule,
  type ScheduleType,
  type ScheduleTypes,
} from './schedule/custom-schedule.js';
export { every, type EveryOptions } from './schedule/every.js';
export { once } from './schedule/once.js';
export { openSchedule, type ScheduleSurroundings } from './schedule/open-schedule.js';
export type { Schedule } from './schedule/schedule.js';
export { type ScheduleInput, scheduleSpec } from './schedule/schedule-input.js';
export {
  type CronSpec,
  type CrontabSpec,
  type CustomSpec,
  type EverySpec,
  type OnceSpec,
  type ScheduleSpec,
  type SolarEvent,
  solarEvents,
  type SolarSpec,
} from './schedule/schedule-spec.js';
export { solar } from './schedule/solar.js';
export { Stores, type StoresOptions } from './stores/stores.js';
export { currentTask, maybeCurrentTask, type RunningTask, runInTask } from './task/current-task.js';
export type { Attempt } from './task/attempt.js';
export { earlierDeliveries } from './task/earlier-deliveries.js';
export {
  Ignore,
  isIgnore,
  isReject,
  isReplace,
  isRetry,
  Reject,
  Replace,
  Retry,
} from './task/outcome-signals.js';
export { arrangeArguments, type ParameterList, parameterList } from './task/parameter-list.js';
export type {
  ConcurrencyLimitOptions,
  DebounceOptions,
  FlowKey,
  FlowOptions,
  Rate,
  RateLimitOptions,
  UniqueOptions,
} from './task/flow/flow-options.js';
export { readFlow } from './task/flow/read-flow.js';
export type { RetryOptions, TaskContext } from './task/task-context.js';
export type { KnownTask, TaskDefinition } from './task/task-definition.js';
export type { ErrorMatch, FailedAttempt, RetryDelay, RetryPolicy, RetryRule } from './task/retry-policy.js';
export type { TaskEnd, TaskHooks } from './task/task-hooks.js';
export type {
  AcknowledgementOptions,
  CallOptions,
  SendOptions,
  TaskOptions,
} from './task/task-options.js';
export { isUnrecoverable, UnrecoverableError } from './task/unrecoverable-error.js';
export { TaskRegistry } from './task/task-registry.js';
export { Worker } from './worker/worker.js';
export type { WorkerParts } from './worker/worker-parts.js';
export type { ChildApp, ChildApplication, ChildExecutor } from './worker/pools/child/child-application.js';
export { insidePoolChild } from './worker/pools/child/inside-pool-child.js';
export { type ChildEntry, childEntry, type GivenEntry } from './worker/pools/child-entry.js';
export type { ChildPrograms } from './worker/pools/create-pool.js';
export type { Pool } from './worker/pools/pool.js';
export type { PoolKind, PoolSettings } from './worker/pools/pool-settings.js';
