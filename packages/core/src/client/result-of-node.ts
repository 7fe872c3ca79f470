import type { ResultNode } from '../canvas/result-node.js';
import type { AnyResult } from './any-result.js';
import { GroupResult } from './group-result.js';
import type { ResultAccess } from './result-access.js';
import { TaskResult } from './task-result.js';

/** Handles on what a workflow will give. */
export function resultOfNode(node: ResultNode, access: ResultAccess): AnyResult {
  const parent = node.parent === undefined ? undefined : resultOfNode(node.parent, access);
  return node.kind === 'task'
    ? new TaskResult(node.id, access, { parent, node })
    : new GroupResult(
        node.id,
        node.members.map((member) => resultOfNode(member, access)),
        parent,
        access,
        node,
      );
}
