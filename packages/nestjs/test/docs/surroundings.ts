import { Controller, Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import {
  type GroupResult,
  type RemoteError,
  type Schedules,
  Task,
  type TaskClient,
  type TaskContext,
  type TaskQueueOptions,
  type TaskResult,
  type Tasks,
} from '../../src/index.js';

// What the examples of the guides take for granted. Nothing of it runs.

export * from '../../src/index.js';
export * from '@nestjs/common';
export { NestFactory, REQUEST } from '@nestjs/core';
export { Test } from '@nestjs/testing';
export type { RemoteError };

export class AddDto {
  x!: number;
  y!: number;
}

@Injectable()
export class MathTasks {
  @Task({ name: 'math.add' })
  add(x: number, y: number): number {
    return x + y;
  }

  @Task({ name: 'math.mul' })
  mul(x: number, y: number): number {
    return x * y;
  }

  @Task({ name: 'math.xsum' })
  xsum(values: number[]): number {
    return values.length;
  }
}

@Injectable()
export class FileTasks {
  @Task({ name: 'files.upload', bind: true })
  async upload(_task: TaskContext, _files: string[]): Promise<void> {}
}

@Injectable()
export class MailTasks {
  @Task({ name: 'mail.remind' })
  remind(_id: number): string {
    return 'sent';
  }
}

@Injectable()
export class ReportTasks {}

export class ShopTasks {
  async price(article: string): Promise<number> {
    return article.length;
  }
  total(prices: number[]): number {
    return prices.length;
  }
  async report(_task: TaskContext, _kind: string): Promise<void> {}
}

export class CrawlTasks {
  fetch(page: string): string {
    return page;
  }
}

export class OrderTasks {
  charge(_order: number): void {}
}

export class NetworkError extends Error {}
export class RateLimited extends Error {}
export class NotFound extends Error {}
export class AuthGuard {
  canActivate(): boolean {
    return true;
  }
}
@Controller()
export class MathController {}

@Module({})
export class AppModule {}

@Module({})
export class ConfigModule {}
export class ConfigService {
  get(_name: string): string | undefined {
    return undefined;
  }
  getOrThrow(_name: string): string {
    return '';
  }
}
export class PriceService {
  async of(article: string): Promise<number> {
    return article.length;
  }
}
export class AuditService {
  async failed(_task: string, _error: unknown): Promise<void> {}
}

export interface Http {
  get(url: string): Promise<string>;
}

/** `this` where an example stands in a method. */
export interface Surroundings {
  readonly math: Tasks<MathTasks>;
  readonly client: TaskClient;
  readonly http: Http;
  send(file: string): Promise<void>;
}

export type SomeOptions = Partial<TaskQueueOptions> & ModuleMetadata;

export declare const math: Tasks<MathTasks>;
export declare const shop: Tasks<ShopTasks>;
export declare const crawl: Tasks<CrawlTasks>;
export declare const orders: Tasks<OrderTasks>;
export declare const client: TaskClient;
export declare const tasks: TaskClient;
export declare const schedules: Schedules;
export declare const result: TaskResult<number>;
export declare const groupResult: GroupResult<[string]>;
export declare const moduleRef: TestingModule;
export declare const broker: string;
export declare const id: string;
export declare const ids: readonly string[];
export declare const order: number;
export declare const articles: readonly string[];
export declare const pages: readonly string[];
export declare const progress: { show(index: number, value: string): void };
export declare const primesBelow: (limit: number) => number[];
