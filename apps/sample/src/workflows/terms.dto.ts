import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsNumber, ValidateNested } from 'class-validator';
import { OperandsDto } from '../math/operands.dto.js';

const most = 20;

export class NumbersDto {
  @ApiProperty({ type: [Number], example: [1, 2, 3, 4], minItems: 2, maxItems: most })
  @IsNumber({}, { each: true, message: 'each of $property must be a number' })
  @ArrayMinSize(2)
  @ArrayMaxSize(most)
  @IsArray()
  readonly numbers!: readonly number[];
}

export class PairsDto {
  @ApiProperty({ type: [OperandsDto], minItems: 1, maxItems: most })
  @Type(() => OperandsDto)
  @ValidateNested({ each: true })
  @ArrayMinSize(1)
  @ArrayMaxSize(most)
  @IsArray()
  readonly pairs!: readonly OperandsDto[];
}
