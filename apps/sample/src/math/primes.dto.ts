import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';

/** Some minutes of one core. */
const most = 50_000_000;

export class PrimesDto {
  @ApiProperty({ example: 2_000_000, minimum: 2, maximum: most })
  @IsInt({ message: '$property must be a whole number' })
  @Min(2, { message: '$property must be at least 2' })
  @Max(most, { message: `$property must be at most ${most}` })
  readonly below!: number;
}
