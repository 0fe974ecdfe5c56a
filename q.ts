import { duckdb } from './test/dataset/duckdb.ts'
for (const q of process.argv.slice(2)) console.table(await duckdb(q))
