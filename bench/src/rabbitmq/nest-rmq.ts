import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientRMQ,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  type RmqContext,
  type RmqOptions,
  Transport,
} from '@nestjs/microservices';
import type { Channel, Message } from 'amqplib';
import { lastValueFrom } from 'rxjs';
import { concurrency, queueName, type RabbitContender, taskName, type Urls } from './contender.js';
import { measured } from './stretch.js';

const eventName = 'bench.event';

/**
 * Nest's own RMQ transport, as safe as it can be told to be: durable queue, persistent messages, acknowledged by the handler when it
 * has ended, one by one as its documentation shows. What a handler of an event returns goes nowhere; that of a request goes back to who
 * asked.
 */
export function nestRmq({ broker }: Urls): RabbitContender {
  const options: NonNullable<RmqOptions['options']> = {
    urls: [broker],
    queue: queueName,
    queueOptions: { durable: true },
    persistent: true,
    prefetchCount: 2 * concurrency,
    // Without it a request takes 40 ms: its frames leave in several packets.
    socketOptions: { connectionOptions: { noDelay: true } },
  };
  // Replies come through a queue which knows no acknowledgement; that is the default of the client, and of it only.
  const connected = async (): Promise<ClientRMQ> => {
    const client = new ClientRMQ(options);
    await client.connect();
    return client;
  };
  return {
    send: async (count, inFlight) => {
      const client = await connected();
      let next = 0;
      const lane = async (): Promise<void> => {
        while (next < count)
          await lastValueFrom(client.emit(eventName, { value: (next += 1) }), { defaultValue: undefined });
      };
      await measured(async () => {
        await Promise.all(Array.from({ length: inFlight }, lane));
      });
      await client.close();
    },
    work: async (onDone) => {
      class BenchTasks {
        @EventPattern(eventName)
        event(@Payload() { value }: { readonly value: number }, @Ctx() context: unknown): number {
          acknowledge(context);
          onDone();
          return value;
        }

        @MessagePattern(taskName)
        request(@Payload() value: number, @Ctx() context: unknown): number {
          acknowledge(context);
          return value;
        }
      }
      @Module({ controllers: [BenchTasks] })
      class BenchModule {}
      const app = await NestFactory.createMicroservice(BenchModule, {
        transport: Transport.RMQ,
        options: { ...options, noAck: false },
        logger: false,
      });
      await app.listen();
      return async () => await app.close();
    },
    roundTrip: async () => {
      const client = await connected();
      return {
        call: async (value) => await lastValueFrom(client.send<number>(taskName, value)),
        close: async () => await client.close(),
      };
    },
  };
}

// reason: the decorators want parameters of no type.
function acknowledge(given: unknown): void {
  const context = given as RmqContext;
  (context.getChannelRef() as Channel).ack(context.getMessage() as unknown as Message);
}
