import type { GroupResult } from '@lovage/nestjs';
import { ApiProperty } from '@nestjs/swagger';

class MemberView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ example: 'SUCCESS' })
  readonly state!: string;
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
  readonly result?: readonly number[];
}

export async function groupView(group: GroupResult<readonly number[]>): Promise<GroupView> {
  const { nodes } = await group.graph();
  const members = nodes.map(({ id, state }) => ({ id, state }));
  const ready = await group.ready();
  const succeeded = ready && (await group.successful());
  return { id: group.id, members, ready, ...(succeeded && { result: await group.get() }) };
}
