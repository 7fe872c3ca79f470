import { join } from 'node:path';

/** All at 127.0.0.1. */
export interface RabbitPorts {
  readonly amqp: number;
  /** Of Erlang, between nodes. */
  readonly distribution: number;
  /** Of epmd, which tells the port of a node. */
  readonly mapper: number;
}

/** What makes a node leave everything alone that is not in its folder, and leave most of the machine to the tests. */
export function rabbitEnvironment(place: {
  readonly folder: string;
  readonly ports: RabbitPorts;
  readonly schedulers: number;
}): Readonly<Record<string, string>> {
  const { folder, ports, schedulers } = place;
  return {
    // With the cookie of Erlang.
    HOME: folder,
    ERL_EPMD_PORT: String(ports.mapper),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // Nobody may start one beside ours: it would outlive us.
    ERL_FLAGS: '-start_epmd false',
    ERL_CRASH_DUMP: '/dev/null',
    RABBITMQ_NODENAME: 'lovage@localhost',
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONFIG_FILES: join(folder, 'conf.d'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_FEATURE_FLAGS_FILE: join(folder, 'feature_flags'),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: '-',
    // The script becomes Erlang itself, which then has our standard input and our signals.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: [
      `+S ${schedulers}:${schedulers} +SDcpu 1:1 +SDio 2 +A 2`,
      '+sbwt none +sbwtdcpu none +sbwtdio none',
    ].join(' '),
  };
}
