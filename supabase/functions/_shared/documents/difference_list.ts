/** A document that differs, with both values where there are such. */
export interface Sample {
  readonly sourceKey: string | null;
  readonly targetKey: string | null;
  readonly expected: string | null;
  readonly actual: string | null;
}

/** What differs in one way, as the engine keeps it. */
export interface Difference {
  readonly kind: string;
  /** The field, where one differs. */
  readonly name: string;
  readonly count: number;
  readonly sample: readonly Sample[];
}

const LONGEST_SHOWN = 200;

/** Counts differences by kind and field, and keeps some of each as samples. */
export class DifferenceList {
  readonly #samples: number;
  readonly #found = new Map<
    string,
    { kind: string; name: string; count: number; sample: Sample[] }
  >();

  constructor(samples: number) {
    this.#samples = samples;
  }

  add(kind: string, name: string, sample: Sample): void {
    const key = `${kind}\0${name}`;
    const known = this.#found.get(key) ?? { kind, name, count: 0, sample: [] };
    this.#found.set(key, known);
    known.count++;
    if (known.sample.length < this.#samples) {
      known.sample.push({
        ...sample,
        expected: shown(sample.expected),
        actual: shown(sample.actual),
      });
    }
  }

  differences(): Difference[] {
    return [...this.#found.values()];
  }
}

/** As the engine's SQL shortens a value for a report. */
function shown(value: string | null): string | null {
  if (value === null || value.length <= LONGEST_SHOWN) return value;
  return `${value.slice(0, LONGEST_SHOWN)}… (${value.length} characters)`;
}
