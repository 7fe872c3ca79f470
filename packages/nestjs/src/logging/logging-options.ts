/** What is logged of tasks through Nest's Logger. Arguments and results never are. */
export interface TaskLoggingOptions {
  /**
   * Lines that are logged while a task runs begin with `[task name task id]`. Default true.
   * Where the application uses `TaskLogger`, that one adds them and this option changes nothing.
   */
  readonly prefix?: boolean;
  /**
   * Lines about tasks and workers. `problems`: failures, retries, rejections, revocations, what was cut at a stop, and the
   * worker's start and end. `all`: received, started, succeeded and ignored tasks as well, two or three lines for each
   * task. Default `problems`.
   */
  readonly events?: 'all' | 'problems' | 'none';
}
