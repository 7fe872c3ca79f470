import { crontab, every, Periodic, Task } from '@lovage/nestjs';
import { Injectable } from '@nestjs/common';

export interface ClockReport {
  /** Heartbeats that this process has run. */
  readonly heartbeats: number;
  readonly at: string;
}

/** Tasks that nobody submits: the beat sends them by the clock. */
@Injectable()
export class ClockTasks {
  private heartbeats = 0;

  /** Alone, @Periodic makes a task. One that comes late is of no use. */
  @Periodic(every('5s'), { name: 'heartbeat', expires: 5, ignoreResult: true })
  heartbeat(): void {
    this.heartbeats += 1;
  }

  /** With @Task, it adds a schedule to one that can be called, too. */
  @Periodic(crontab({ minute: '*' }), { name: 'report' })
  @Task({ name: 'clock.report' })
  report(): ClockReport {
    return { heartbeats: this.heartbeats, at: new Date().toISOString() };
  }
}
