/** Remembers what `make` gave for the last `limit` arguments: tables that depend on a size alone are built once. */
export function remember<Key extends string | number, Table>(make: (key: Key) => Table, limit = 16): (key: Key) => Table {
  const tables = new Map<Key, Table>();
  return (key) => {
    const known = tables.get(key);
    if (known !== undefined) return known;
    const table = make(key);
    const [oldest] = tables.keys();
    if (tables.size >= limit && oldest !== undefined) tables.delete(oldest);
    tables.set(key, table);
    return table;
  };
}
