// What DuckDB-Wasm reads in a published file, without any extension: the number of rows, by table.
// The package comes from the working folder.
const fs = require("fs");
const path = require("path");
const duckdb = require("@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs");

const dist = path.dirname(require.resolve("@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs"));
const bundles = {
  mvp: { mainModule: path.join(dist, "duckdb-mvp.wasm") },
  eh: { mainModule: path.join(dist, "duckdb-eh.wasm") },
};

async function main([file, ...queries]) {
  const database = await duckdb.createDuckDB(bundles, new duckdb.VoidLogger(), duckdb.NODE_RUNTIME);
  await database.instantiate(() => {});
  database.registerFileBuffer("version.duckdb", new Uint8Array(fs.readFileSync(file)));
  database.open({ path: "version.duckdb", accessMode: duckdb.DuckDBAccessMode.READ_ONLY });
  const connection = database.connect();
  const rows = (sql) => connection.query(sql).toArray();
  rows("SET autoload_known_extensions = false");
  const tables = rows(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'main'",
  );
  const counts = {};
  for (const { name } of tables) counts[name] = rows(`SELECT * FROM "${name}" ORDER BY ALL`).length;
  for (const query of queries)
    counts[`search ${query}`] = rows(`FROM search('${query.replaceAll("'", "''")}')`).length;
  fs.writeSync(1, JSON.stringify(counts));
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error) => {
    fs.writeSync(1, String(error).slice(0, 500));
    process.exit(1);
  },
);
