import type { TaskClass } from '../task/task-method.js';

/** A request for the tasks of a class, made by `@InjectTasks` or by `getTasksToken`. */
export interface TasksRequest {
  readonly token: symbol;
  readonly taskClass: TaskClass;
  /** The app that all calls go to; `undefined`: each task's own. */
  readonly app: string | undefined;
  /** Classes whose constructor or property asks for it. */
  readonly consumers: Set<object>;
}

type Listener = (request: TasksRequest) => void;

/**
 * Every request that decorators of this process have made so far. Like decorator metadata it says what classes ask for
 * and holds no state of an application; each application provides the tokens for itself.
 */
class InjectedTasks {
  private readonly requests = new Map<TaskClass, Map<string | undefined, TasksRequest>>();
  private readonly listeners = new Set<Listener>();

  /** The request for a class and an app; made at the first call. */
  request(taskClass: TaskClass, app: string | undefined): TasksRequest {
    let ofClass = this.requests.get(taskClass);
    if (ofClass === undefined) {
      ofClass = new Map();
      this.requests.set(taskClass, ofClass);
    }
    let request = ofClass.get(app);
    if (request === undefined) {
      const token = Symbol(`Tasks<${taskClass.name}>${app === undefined ? '' : ` of the task app "${app}"`}`);
      request = { token, taskClass, app, consumers: new Set() };
      ofClass.set(app, request);
      for (const listener of this.listeners) listener(request);
    }
    return request;
  }

  all(): readonly TasksRequest[] {
    return [...this.requests.values()].flatMap((ofClass) => [...ofClass.values()]);
  }

  /** Told of requests that are made later: classes that are loaded lazily. @returns the function that ends the listening */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

export const injectedTasks = new InjectedTasks();
