import { type ControlCommand, nok, ok, textList } from '../control-command.js';

/** `revoke_by_stamped_headers(headers, terminate=False)` of Celery 5.3. */
export const revokeByStampedHeaders: ControlCommand = {
  name: 'revoke_by_stamped_headers',
  run: async ({ worker, args }) => {
    const { headers } = args;
    if (typeof headers !== 'object' || headers === null || Array.isArray(headers))
      return nok('headers is no object');
    const stamps = Object.fromEntries(
      Object.entries(headers).map(([name, values]) => [name, textList(values)]),
    );
    const terminated = await worker.revokeByStamps(stamps, args['terminate'] === true);
    if (terminated.length > 0) return ok(`terminate: ${terminated.join(', ')}`);
    const shown = Object.entries(stamps).map(([name, values]) => `${name}: ${values.join(', ')}`);
    return ok(`headers ${shown.join('; ')} flagged as revoked`);
  },
};
