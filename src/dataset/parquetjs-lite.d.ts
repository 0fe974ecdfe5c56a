/** The part of parquetjs-lite 0.8.7 that summary-writer.ts uses; the package has no types. */
declare module 'parquetjs-lite' {
  namespace parquet {
    interface FieldDefinition {
      type: 'INT64' | 'DOUBLE' | 'UTF8' | 'TIMESTAMP_MICROS'
      optional: boolean
      compression: 'UNCOMPRESSED' | 'GZIP' | 'SNAPPY'
    }

    class ParquetSchema {
      constructor(fields: Record<string, FieldDefinition>)
    }

    interface OutputStream {
      write(bytes: Uint8Array, done: (error?: Error) => void): void
      end(done: (error?: Error) => void): void
    }

    interface WriterOptions {
      pageIndex: boolean
    }

    class ParquetWriter {
      static openStream(schema: ParquetSchema, stream: OutputStream, options: WriterOptions): Promise<ParquetWriter>
      setMetadata(key: string, value: string): void
      /** Rejects with a string, not an Error. */
      appendRow(row: Record<string, string | number | bigint | undefined>): Promise<void>
      close(): Promise<void>
    }
  }

  // CommonJS that Node finds no named exports in: import it as a whole.
  export = parquet
}
