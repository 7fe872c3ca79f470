import {
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  Injectable,
  type NestInterceptor,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { Task, TaskClient, TaskQueueModule, tasksOf } from '../../src/index.js';
import { closeAppsAfterEach, closedAfterwards, silent } from '../support/apps.js';

/** Enhancers as people write them for requests: they break on anything else. */
@Injectable()
class RequestGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const headers = context.switchToHttp().getRequest<{ readonly headers: Record<string, string> }>().headers;
    return headers['authorization'] !== 'none';
  }
}
@Injectable()
class RequestInterceptor implements NestInterceptor {
  intercept(
    context: ExecutionContext,
    next: { handle(): ReturnType<NestInterceptor['intercept']> },
  ): ReturnType<NestInterceptor['intercept']> {
    context
      .switchToHttp()
      .getResponse<{ setHeader(name: string, value: string): void }>()
      .setHeader('x-seen', 'yes');
    return next.handle();
  }
}
@Catch()
class RequestFilter {
  catch(_error: unknown, host: ExecutionContext): void {
    host
      .switchToHttp()
      .getResponse<{ status(code: number): { send(text: string): void } }>()
      .status(418)
      .send('teapot');
  }
}
@Injectable({ scope: Scope.REQUEST })
class ScopedGuard extends RequestGuard {}

/** Nothing that a ValidationPipe of the whole application would let through. */
class Loose {
  readonly a?: number;
}

@Catch(TypeError)
class OwnFilter implements ExceptionFilter {
  catch(): string {
    return 'own';
  }
}

@Injectable()
class MathTasks {
  @Task()
  add(x: number, y: number): number {
    return x + y;
  }

  @Task()
  fail(): void {
    throw new RangeError('the task failed');
  }

  @Task()
  @UseGuards({ canActivate: () => true })
  @UseInterceptors({ intercept: (_: unknown, next: CallHandler) => next.handle() })
  @UsePipes({ transform: (value: unknown) => value })
  @UseFilters(OwnFilter)
  own(value: Loose): unknown {
    if (value.a === undefined) throw new RangeError('nothing');
    return value;
  }

  @Task()
  take(value: { readonly a: number }): unknown {
    return value;
  }
}
@Controller('pages')
class Pages {
  @Get()
  page(): string {
    return 'page';
  }

  @Get('broken')
  broken(): void {
    throw new Error('broken');
  }
}

closeAppsAfterEach();

describe('enhancers of the whole application', () => {
  const build = async (how: 'tokens' | 'use') => {
    const tokens = [
      { provide: APP_GUARD, useClass: RequestGuard },
      { provide: APP_GUARD, useClass: ScopedGuard },
      { provide: APP_INTERCEPTOR, useClass: RequestInterceptor },
      { provide: APP_PIPE, useValue: new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }) },
      { provide: APP_FILTER, useClass: RequestFilter },
    ];
    const moduleRef = await Test.createTestingModule({
      imports: [TaskQueueModule.forRoot()],
      controllers: [Pages],
      providers: [MathTasks, ...(how === 'tokens' ? tokens : [])],
    })
      .setLogger(silent)
      .compile();
    const app = closedAfterwards(moduleRef.createNestApplication());
    if (how === 'use') {
      app.useGlobalGuards(new RequestGuard());
      app.useGlobalInterceptors(new RequestInterceptor());
      app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
      app.useGlobalFilters(new RequestFilter());
    }
    return await app.init();
  };

  it.each(['tokens', 'use'] as const)('bound by %s serve requests and leave tasks alone', async (how) => {
    const app = await build(how);
    const server = app.getHttpServer() as Parameters<typeof request>[0];
    await request(server).get('/pages').expect(200).expect('x-seen', 'yes');
    await request(server).get('/pages').set('authorization', 'none').expect(418);
    await request(server).get('/pages/broken').expect(418, 'teapot');

    const tasks = tasksOf(MathTasks, app.get(TaskClient));
    expect(await (await tasks.add.delay(1, 2)).get({ timeout: '5s' })).toBe(3);
    expect(await (await tasks.take.delay({ a: 1 })).get({ timeout: '5s' })).toEqual({ a: 1 });
    expect(await (await tasks.own.delay({ a: 1 })).get({ timeout: '5s' })).toEqual({ a: 1 });
    await expect((await tasks.own.delay({})).get({ timeout: '5s' })).rejects.toThrow('nothing');
    await expect((await tasks.fail.delay()).get({ timeout: '5s' })).rejects.toThrow('the task failed');
  });
});
