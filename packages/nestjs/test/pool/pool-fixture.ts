// An application whose worker has a pool with children; run as a process of its own, and made once more in each child.
import 'reflect-metadata';
import { threadId } from 'node:worker_threads';
import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  Logger,
  Module,
  type NestInterceptor,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type PipeTransform,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { map, type Observable } from 'rxjs';
import {
  getTaskContext,
  InjectTasks,
  insidePoolChild,
  Task,
  TaskApp,
  type TaskContext,
  TaskQueueModule,
  type Tasks,
} from '../../src/index.js';

/** Told at once, by whichever process or thread. */
const say = (what: string): void => console.log(`${insidePoolChild() ? 'child' : 'parent'}: ${what}`);

@Injectable()
export class Prices {
  of(product: string): number {
    return product.length;
  }
}

@Injectable()
export class NoStrangers implements CanActivate {
  constructor(private readonly prices: Prices) {}

  canActivate(context: ExecutionContext): boolean {
    return getTaskContext(context).args[0] !== 'stranger' && this.prices.of('x') === 1;
  }
}

@Injectable()
export class Trim implements PipeTransform {
  transform(value: unknown): unknown {
    return typeof value === 'string' ? value.trim() : value;
  }
}

@Injectable()
export class Bracket implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((value: unknown) => ({ value })));
  }
}

@Injectable()
export class ShopTasks {
  private runs = 0;
  private readonly logger = new Logger('Shop');

  constructor(private readonly prices: Prices) {}

  @Task({ name: 'shop.price' })
  @UseGuards(NoStrangers)
  @UsePipes(Trim)
  @UseInterceptors(Bracket)
  price(product: string): number {
    return this.prices.of(product);
  }

  @Task({ name: 'shop.where', bind: true })
  where(task: TaskContext): object {
    this.runs += 1;
    this.logger.warn('was here');
    return {
      pid: process.pid,
      threadId,
      inside: insidePoolChild(),
      runs: this.runs,
      hostname: task.hostname,
    };
  }

  @Task({ name: 'shop.die' })
  die(): never {
    return process.exit(7);
  }
}

@Injectable()
export class Life implements OnApplicationBootstrap, OnModuleDestroy {
  onApplicationBootstrap(): void {
    say('made');
  }

  onModuleDestroy(): void {
    say('closed');
  }
}

@Injectable()
export class Clerk {
  constructor(
    @InjectTasks(ShopTasks) readonly shop: Tasks<ShopTasks>,
    readonly app: TaskApp,
  ) {}
}

@Module({
  imports: [
    TaskQueueModule.forRoot({
      worker: {
        pool: process.env['FIXTURE_POOL'] === 'processes' ? 'processes' : 'threads',
        concurrency: 1,
        maxDeliveries: 1,
        entry: { module: import.meta.url, export: process.env['FIXTURE_EXPORT'] },
      },
    }),
  ],
  providers: [Prices, NoStrangers, Trim, Bracket, ShopTasks, Life, Clerk],
})
export class ShopModule {}

@Module({ providers: [Prices] })
export class OtherModule {}

/** For entries that make the application themselves. */
export async function makeContext(): Promise<unknown> {
  say('own function');
  return await NestFactory.createApplicationContext(ShopModule, { logger: false });
}

export const noModule = 42;
