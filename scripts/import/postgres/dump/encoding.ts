import { LandfallError } from "../../../../supabase/functions/_shared/errors.ts";

/** What the platform calls Postgres's encodings. Those where a byte of ASCII may be another lack. */
const LABELS: Readonly<Record<string, string>> = {
  UTF8: "utf-8",
  UNICODE: "utf-8",
  SQLASCII: "utf-8",
  EUCJP: "euc-jp",
  EUCKR: "euc-kr",
  KOI8R: "koi8-r",
  KOI8U: "koi8-u",
  LATIN2: "iso-8859-2",
  LATIN3: "iso-8859-3",
  LATIN4: "iso-8859-4",
  LATIN6: "iso-8859-10",
  LATIN7: "iso-8859-13",
  LATIN8: "iso-8859-14",
  LATIN9: "iso-8859-15",
  LATIN10: "iso-8859-16",
  ISO88595: "iso-8859-5",
  ISO88596: "iso-8859-6",
  ISO88597: "iso-8859-7",
  ISO88598: "iso-8859-8",
  WIN866: "ibm866",
  WIN1250: "windows-1250",
  WIN1251: "windows-1251",
  WIN1252: "windows-1252",
  WIN1253: "windows-1253",
  WIN1254: "windows-1254",
  WIN1255: "windows-1255",
  WIN1256: "windows-1256",
  WIN1257: "windows-1257",
  WIN1258: "windows-1258",
};

/** The encoding of a dump. */
export interface Encoding {
  /** As Postgres calls it. */
  readonly name: string;
  /** @throws LF011 for bytes that are no text in it. */
  decode(bytes: Uint8Array): string;
}

/**
 * Finds the encoding that a dump names.
 *
 * @param name As `set client_encoding` takes it.
 * @throws LF011 for one that cannot be read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encoding("LATIN1").decode(new Uint8Array([0x53, 0xe3, 0x6f])), "São");
 * ```
 */
export function encoding(name: string): Encoding {
  const plain = name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
  // the platform takes LATIN1 for Windows's, which has other characters in place of controls
  if (plain === "LATIN1" || plain === "ISO88591") {
    return { name, decode: (bytes) => new Uint8Array(bytes).reduce(append, "") };
  }
  const label = LABELS[plain];
  if (label === undefined) {
    throw new LandfallError("LF011", `The dump is in the encoding ${name}, which cannot be read`, {
      hint: "Dump the database again with --encoding=UTF8.",
    });
  }
  const decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true });
  return {
    name,
    decode: (bytes) => {
      try {
        return decoder.decode(bytes);
      } catch (cause) {
        throw new LandfallError("LF011", `The dump has texts that are no valid ${name}`, {
          hint: "If its database is in SQL_ASCII, find out the encoding of the texts, and write " +
            "it in the dump's line set client_encoding. Nothing was changed.",
          cause,
        });
      }
    },
  };
}

function append(text: string, byte: number): string {
  return text + String.fromCharCode(byte);
}
