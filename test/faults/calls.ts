import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const LAMBDAS = join(import.meta.dirname, '../../lambdas');

/** What waits for the outside, by what it looks like in the sources: more than the ports' own calls, and none of those left out. */
const CALL =
  /\bawait\b(?! new Promise)|\b(?:journal|rows|workflow|directory|notifier|dynamodb|sfn)\??\.\w+\(/g;
const COMMENT = /^\s*(\/\/|\/?\*)/;

/** One line of the functions that calls the outside, or waits for who does. */
export interface CallSite {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly Range[] }[];
  }[];
}

/**
 * The lines that call the outside and that no process has passed whose coverage lies in these folders (NODE_V8_COVERAGE).
 * Node.js leaves every character of a source where it is, so what V8 counts is found in the file itself.
 */
export function unreachedIn(folders: readonly string[]): CallSite[] {
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Coverage;
  const coverages = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => read(join(folder, name))),
  );
  return globSync('**/*.ts', { cwd: LAMBDAS })
    .sort()
    .flatMap((file) => {
      const url = pathToFileURL(join(LAMBDAS, file)).href;
      const ranges = coverages.map(({ result }) =>
        result
          .filter((script) => script.url === url)
          .flatMap(({ functions }) => functions.flatMap((f) => f.ranges)),
      );
      return unreached(file, readFileSync(join(LAMBDAS, file), 'utf8'), ranges);
    });
}

function unreached(file: string, text: string, ranges: readonly (readonly Range[])[]): CallSite[] {
  const found = new Map<number, CallSite>();
  for (const { index } of text.matchAll(CALL)) {
    const line = text.slice(0, index).split('\n').length;
    const whole = text.split('\n')[line - 1] ?? '';
    if (!COMMENT.test(whole) && !ranges.some((of) => countAt(of, index) > 0))
      found.set(line, { file, line, text: whole.trim() });
  }
  return [...found.values()];
}

/** How often a place was passed: as the innermost block around it says. */
function countAt(ranges: readonly Range[], offset: number): number {
  const around = ranges.filter(({ startOffset, endOffset }) => startOffset <= offset && offset < endOffset);
  const size = ({ startOffset, endOffset }: Range) => endOffset - startOffset;
  return (
    around.reduce<Range | undefined>(
      (best, range) => (best && size(best) <= size(range) ? best : range),
      undefined,
    )?.count ?? 0
  );
}
