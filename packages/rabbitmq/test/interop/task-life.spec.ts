import { describeLifeFromPython, describeLifeInPython } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { PythonAndLovage } from '../support/python-and-lovage.js';

const needed = ['rabbitmq-server', 'celery'] as const;

describeWith(needed, 'the life of a task that Lovage sends to Python on RabbitMQ', () => {
  describeLifeInPython(new PythonAndLovage());
});

describeWith(needed, 'the life of a task that Python sends to Lovage on RabbitMQ', () => {
  describeLifeFromPython(new PythonAndLovage());
});
