export { artifactsFolder } from './browser/artifacts-folder.js';
export { Chromium } from './browser/chromium.js';
export type * from './celery/celery-call.js';
export {
  CeleryClient,
  type CeleryClientOptions,
  type CeleryOutcome,
  type CelerySend,
} from './celery/celery-client.js';
export { CeleryPeer, type CeleryPeerOptions } from './celery/celery-peer.js';
export { CeleryPeerError, type PeerOutcome } from './celery/celery-peer-error.js';
export type * from './celery/celery-result.js';
export { CeleryWorker, type CeleryWorkerOptions } from './celery/celery-worker.js';
export type * from './celery/peer-wire-message.js';
export { python, type PythonTyped, type PythonValue } from './celery/python-value.js';
export {
  ChildProgram,
  type ChildProgramOptions,
  exitText,
  type OutputStream,
  type ProgramExit,
} from './process/child-program.js';
export { freePort } from './process/free-port.js';
export { ProcessGuardian } from './process/process-guardian.js';
export { ServiceError, type ServiceErrorCode } from './process/service-error.js';
export { deadlineIn, type StopDeadline } from './process/stop-deadline.js';
export { waitFor, type WaitForOptions } from './process/wait-for.js';
export { describeWith, type DescribeWithOptions, type SuiteRegistry } from './programs/describe-with.js';
export {
  ensureInstalled,
  findPrograms,
  type FindProgramsOptions,
  type InstallProgramsOptions,
} from './programs/install-programs.js';
export type { ProgramName, ProgramReport } from './programs/program-report.js';
export type { DirectionConditions } from './proxy/direction-conditions.js';
export { FaultProxy, type FaultProxyOptions } from './proxy/fault-proxy.js';
export type { RequestFault, RequestFaultOptions } from './proxy/request-fault.js';
export { RabbitServer, type RabbitServerOptions, type RabbitVhost } from './rabbit/rabbit-server.js';
export type { RabbitQueueEntry } from './rabbit/rabbit-queue-entry.js';
export type { RedisClientEntry } from './redis/redis-client-entry.js';
export { RedisCluster, type RedisClusterOptions } from './redis/redis-cluster.js';
export { RedisSentinel, type RedisSentinelOptions } from './redis/redis-sentinel.js';
export { RedisServer, type RedisServerOptions } from './redis/redis-server.js';
export { RespConnection, type RespConnectionOptions, type RespText } from './resp/resp-connection.js';
export { RespError, type RespFrame, RespSplitter, type RespValue } from './resp/resp-splitter.js';
export { encodeRequest, requestOf, type RespRequest } from './resp/resp-request.js';
export {
  makeTestCertificates,
  type TestCertificates,
  type TestCertificatesOptions,
} from './tls/test-certificates.js';
