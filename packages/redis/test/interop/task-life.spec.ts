import { describeLifeFromPython, describeLifeInPython } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { PythonAndLovage } from '../support/python-and-lovage.js';

describeWith(['redis-server', 'celery'], 'the life of a task that Lovage sends to Python', () => {
  describeLifeInPython(new PythonAndLovage());
});

describeWith(['redis-server', 'celery'], 'the life of a task that Python sends to Lovage', () => {
  describeLifeFromPython(new PythonAndLovage());
});
