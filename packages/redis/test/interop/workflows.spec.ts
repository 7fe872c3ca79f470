import { describeMixedWorkflows } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { PythonAndLovage } from '../support/python-and-lovage.js';

describeWith(['redis-server', 'celery'], 'workflows of Python and Lovage workers', () => {
  describeMixedWorkflows(new PythonAndLovage());
});
