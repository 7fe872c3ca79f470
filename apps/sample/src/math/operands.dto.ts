import { ApiProperty } from '@nestjs/swagger';
import { IsNumber, type ValidationOptions } from 'class-validator';

const aNumber: ValidationOptions = { message: '$property must be a number' };

export class OperandsDto {
  @ApiProperty({ example: 6 })
  @IsNumber({}, aNumber)
  readonly x!: number;

  @ApiProperty({ example: 7 })
  @IsNumber({}, aNumber)
  readonly y!: number;
}
