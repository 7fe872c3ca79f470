import { type GroupResult, TaskResult } from '@lovage/nestjs';
import { ApiProperty } from '@nestjs/swagger';

class MemberView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ example: 'SUCCESS' })
  readonly state!: string;

  @ApiProperty({ required: false, description: 'What the task has told of its progress.' })
  readonly progress?: unknown;
}

/** What is known of a group now. */
export class GroupView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ type: [MemberView], description: 'In the order of the group.' })
  readonly members!: readonly MemberView[];

  @ApiProperty({ description: 'All members are over.' })
  readonly ready!: boolean;

  @ApiProperty({ type: [Number], required: false, description: 'The values, once all have succeeded.' })
  readonly result?: readonly unknown[];
}

export async function groupView(group: GroupResult): Promise<GroupView> {
  const tasks = group.results.filter((result) => result instanceof TaskResult);
  const snapshots = await Promise.all(tasks.map(async (task) => await task.snapshot()));
  const members = snapshots.map(({ id, state, progress }) => ({
    id,
    state,
    ...(progress !== undefined && { progress }),
  }));
  const succeeded = snapshots.every(({ state }) => state === 'SUCCESS');
  return {
    id: group.id,
    members,
    ready: snapshots.every(({ ready }) => ready),
    ...(succeeded && { result: snapshots.map(({ result }) => result) }),
  };
}
