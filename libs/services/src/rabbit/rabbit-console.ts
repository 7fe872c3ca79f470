import type { ChildProgram } from '../process/child-program.js';

/** Written once the node has started whole. */
export const readyLine = 'lovage-console ready';

/**
 * Erlang, for `-eval` after the boot: reads lines `<number> <expressions>.` from standard input and writes a line with the
 * answer for each. An own way in, because rabbitmqctl starts a whole Erlang of its own for every question.
 */
export const consoleProgram = [
  `Answer = fun(Number, Kind, Text) -> io:format(user, "~nlovage-answer ~ts ~ts ~ts~n", [Number, Kind, Text]) end,`,
  `Text = fun(Value) -> iolist_to_binary(io_lib:format("~0tp", [Value])) end,`,
  `Json = fun(Value) -> try iolist_to_binary(rabbit_json:encode(Value))`,
  `catch _:_ -> iolist_to_binary(rabbit_json:encode(Text(Value))) end end,`,
  `Evaluate = fun(Number, Source) -> try`,
  `{ok, Tokens, _} = erl_scan:string(Source), {ok, Expressions} = erl_parse:parse_exprs(Tokens),`,
  `{value, Value, _} = erl_eval:exprs(Expressions, []), Answer(Number, "ok", Json(Value))`,
  `catch Class:Reason -> Answer(Number, "error", Json(Text({Class, Reason}))) end end,`,
  `Loop = fun(Loop) -> case io:get_line(user, "") of`,
  `Line when is_list(Line) -> [Number, Source] = string:split(string:trim(Line), " "),`,
  `spawn(fun() -> Evaluate(Number, Source) end), Loop(Loop); _ -> ok end end,`,
  // Each minute it would start an Erlang, to see to it that there is an epmd.
  `catch supervisor:terminate_child(rabbit_sup, rabbit_epmd_monitor_sup),`,
  `spawn(fun() -> Loop(Loop) end), io:format(user, "~n${readyLine}~n", []).`,
].join(' ');

/** Asks a node that runs {@link consoleProgram}. Questions may overlap. */
export class RabbitConsole {
  private questions = 0;

  constructor(private readonly program: ChildProgram) {}

  /**
   * Evaluates Erlang expressions, without line breaks, with the full stop at the end. What JSON knows is given as such
   * (atoms and binaries as text, maps as objects), anything else as its Erlang text.
   */
  async evaluate(expressions: string): Promise<unknown> {
    this.questions += 1;
    const number = this.questions;
    const answer = this.program.waitForLine(new RegExp(`^lovage-answer ${number} (ok|error) (.*)$`), {
      withinMs: answerWithinMs,
    });
    this.program.write(`${number} ${expressions.replaceAll('\n', ' ')}\n`);
    const [, kind, json = ''] = await answer;
    const value = JSON.parse(json) as unknown;
    if (kind === 'error') throw new Error(`RabbitMQ could not evaluate "${expressions}": ${String(value)}`);
    return value;
  }
}

/** Generous: spent only by a test that fails anyway. */
const answerWithinMs = 60_000;
