// Which spec files take longest, as far as their paths tell.

/** Parts of paths, from what takes longest: servers to be started, time that must pass, processes to be killed. */
const longest = [
  /^packages\/\w+\/test\/conformance\//,
  /^apps\/sample\/test\/(page\/page|npm-start|redis|web-and-worker|deployments\/)/,
  /^packages\/(rabbitmq|cli)\/test\//,
  /^packages\/redis\/test\/(faults|interop)\//,
  /^packages\/(core\/test\/worker\/pools|nestjs\/test\/pool)\//,
  /^(apps|libs\/services|packages\/redis)\//,
];

/**
 * The place of a spec file in the order, from 0.
 *
 * @param {string} path from the root of the repository, with slashes
 * @returns {number}
 */
export function specOrder(path) {
  const rank = longest.findIndex((pattern) => pattern.test(path));
  return rank === -1 ? longest.length : rank;
}
