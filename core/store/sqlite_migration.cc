// The app's tables against the schema: what PlanSqliteMigration and MigrateSqlite of
// sqlite_source.h do. The schema that the database was last migrated to is kept in the table
// tidemark_schema, because SQLite's types cannot tell a date from a JSON document.

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/query/sql_writer.h"
#include "core/store/sqlite_row.h"
#include "core/store/sqlite_source.h"

namespace tidemark::store {
namespace {

using model::Column;
using model::ColumnIndex;
using model::Table;
using model::Value;
using model::ValueKind;
using query::QuotedName;

// What the database has; names compare as SQLite compares them.
struct FoundColumn {
  std::string name;
  std::string type;
  bool required = false;
  bool has_default = false;
  int key_position = 0;  // from 1; 0: not in the primary key
};

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameName(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (LowerAscii(a[i]) != LowerAscii(b[i])) return false;
  }
  return true;
}

std::string SqliteTable(const Table& table) {
  return query::QuotedTable(query::Dialect::kSqlite, table);
}

// The table's name without quotes.
std::string PlainName(const Table& table) {
  const std::string quoted = SqliteTable(table);
  std::string name;
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    name += quoted[i];
    if (quoted[i] == '"') ++i;  // doubled
  }
  return name;
}

// Values hold no U+0000, which would end a literal.
std::string TextLiteral(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) {
    literal += c;
    if (c == '\'') literal += c;
  }
  return literal + "'";
}

std::string Literal(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull:
      return "NULL";
    case ValueKind::kBoolean:
      return value.boolean() ? "1" : "0";
    case ValueKind::kBigint:
      return std::to_string(value.bigint());
    case ValueKind::kNumber: {
      char digits[32];
      std::snprintf(digits, sizeof digits, "%.17g", value.number());
      return digits;
    }
    case ValueKind::kString:
      return TextLiteral(value.string());
    case ValueKind::kJson:
      return TextLiteral(value.json());
  }
  TIDEMARK_CHECK(false);
}

bool HasDefault(const Column& column) {
  return column.default_value.has_value() && !column.default_value->is_null();
}

std::string ColumnDefinition(const Column& column) {
  const std::string_view type = SqliteTypeName(column.type);
  std::string text = QuotedName(column.db_name) + " " + std::string(type);
  if (!column.optional) text += " NOT NULL";
  if (HasDefault(column)) text += " DEFAULT " + Literal(*column.default_value);
  if (type == "TEXT") text += " COLLATE BINARY";
  return text;
}

std::string NameList(const Table& table, const std::vector<ColumnIndex>& columns,
                     std::string_view separator) {
  std::string list;
  for (const ColumnIndex column : columns) {
    if (!list.empty()) list += separator;
    list += QuotedName(table.columns[column].db_name);
  }
  return list;
}

std::string CreateTable(const Table& table) {
  std::string text = "CREATE TABLE " + SqliteTable(table) + " (";
  for (const Column& column : table.columns) text += ColumnDefinition(column) + ", ";
  return text + "PRIMARY KEY (" + NameList(table, table.primary_key, ", ") + ")) STRICT";
}

struct Index {
  std::string name;
  std::string statement;
};

// The name says what the index is, so an index that has its name is it.
Index MakeIndex(const Table& table, std::vector<ColumnIndex> columns, bool unique) {
  std::string name = (unique ? "unique " : "index ") + PlainName(table) + "(";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    name += (i > 0 ? "," : "") + table.columns[columns[i]].db_name;
  }
  name += ")";
  // Every order ends with the primary key: with it in the index nothing is left to sort.
  if (!unique) {
    for (const ColumnIndex key : table.primary_key) {
      bool named = false;
      for (const ColumnIndex column : columns) named = named || column == key;
      if (!named) columns.push_back(key);
    }
  }
  std::string statement = std::string(unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") +
                          QuotedName(name) + " ON " + SqliteTable(table) + " (" +
                          NameList(table, columns, ", ") + ")";
  return {std::move(name), std::move(statement)};
}

// Whether an index that the table has anyway begins with `columns`, in any order.
bool IsIndexed(const Table& table, const std::vector<ColumnIndex>& columns) {
  const auto begins = [&](const std::vector<ColumnIndex>& index) {
    return index.size() >= columns.size() &&
           std::is_permutation(columns.begin(), columns.end(), index.begin());
  };
  return begins(table.primary_key) ||
         std::any_of(table.indexes.begin(), table.indexes.end(), begins) ||
         std::any_of(table.uniques.begin(), table.uniques.end(), begins);
}

// Both sides of every relationship's match, junctions too: queries are maintained by asking for the
// rows of one value, of the target when a parent enters, of the parent when a target comes or goes.
std::vector<std::vector<ColumnIndex>> RelationshipIndexes(const model::Schema& schema,
                                                          model::TableIndex table) {
  std::vector<std::vector<ColumnIndex>> indexes;
  const auto add = [&](model::TableIndex at, const model::Relationship::Match& match, bool first) {
    if (at != table) return;
    std::vector<ColumnIndex> columns;
    for (const auto& pair : match) columns.push_back(first ? pair.first : pair.second);
    std::sort(columns.begin(), columns.end());
    columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
    if (IsIndexed(schema.table(table), columns)) return;
    if (std::find(indexes.begin(), indexes.end(), columns) == indexes.end()) {
      indexes.push_back(std::move(columns));
    }
  };
  for (model::TableIndex own = 0; own < schema.tables().size(); ++own) {
    for (const model::Relationship& relationship : schema.table(own).relationships) {
      const auto& through = relationship.through;
      add(own, relationship.match, true);
      add(through ? through->table : relationship.target, relationship.match, false);
      if (!through) continue;
      add(through->table, through->match, true);
      add(relationship.target, through->match, false);
    }
  }
  return indexes;
}

class Planner {
 public:
  Planner(Database& database, const model::Schema& schema, const std::optional<model::Schema>& last)
      : database_(database), schema_(schema), last_(last) {}

  Status Add(model::TableIndex table_index) {
    const Table& table = schema_.table(table_index);
    TIDEMARK_ASSIGN_OR_RETURN(const std::vector<FoundColumn> found, FindColumns(table));
    if (found.empty()) {
      plan_.statements.push_back(CreateTable(table));
    } else {
      TIDEMARK_TRY(Extend(table, found));
    }
    for (const auto& columns : table.indexes) TIDEMARK_TRY(AddIndex(table, columns));
    for (const auto& columns : RelationshipIndexes(schema_, table_index)) {
      TIDEMARK_TRY(AddIndex(table, columns));
    }
    for (const auto& columns : table.uniques) TIDEMARK_TRY(AddUnique(table, columns, found));
    return Ok{};
  }

  MigrationPlan Take() { return std::move(plan_); }

 private:
  static const FoundColumn* Find(const std::vector<FoundColumn>& found, std::string_view name) {
    for (const FoundColumn& column : found) {
      if (SameName(column.name, name)) return &column;
    }
    return nullptr;
  }

  Result<std::vector<FoundColumn>> FindColumns(const Table& table) {
    TIDEMARK_ASSIGN_OR_RETURN(
        Statement * statement,
        database_.Cached("SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk "
                         "FROM pragma_table_xinfo(?1) WHERE hidden = 0 ORDER BY cid"));
    statement->Bind(1, std::string_view(PlainName(table)));
    std::vector<FoundColumn> columns;
    while (true) {
      TIDEMARK_ASSIGN_OR_RETURN(const bool more, statement->Step());
      if (!more) break;
      columns.push_back({std::string(statement->Text(0)), std::string(statement->Text(1)),
                         statement->Int64(2) != 0, statement->Int64(3) != 0,
                         static_cast<int>(statement->Int64(4))});
    }
    statement->Reset();
    return columns;
  }

  Result<bool> Exists(Statement& statement) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool found, statement.Step());
    statement.Reset();
    return found;
  }

  Result<bool> IndexExists(const std::string& name) {
    TIDEMARK_ASSIGN_OR_RETURN(
        Statement * statement,
        database_.Cached("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1 COLLATE "
                         "NOCASE"));
    statement->Bind(1, std::string_view(name));
    return Exists(*statement);
  }

  Result<bool> AnyRow(const std::string& from) {
    TIDEMARK_ASSIGN_OR_RETURN(Statement statement,
                              database_.Prepare("SELECT 1 FROM " + from + " LIMIT 1"));
    return Exists(statement);
  }

  void Destructive(const Table& table, const std::string& what) {
    plan_.destructive.push_back("table " + table.name + ": " + what);
  }

  Status Extend(const Table& table, const std::vector<FoundColumn>& found) {
    CompareKeys(table, found);
    for (const Column& column : table.columns) {
      const FoundColumn* there = Find(found, column.db_name);
      if (there == nullptr) {
        TIDEMARK_TRY(AddColumn(table, column));
      } else if (CompareTypes(table, column, *there)) {
        TIDEMARK_TRY(CompareRequired(table, column, *there));
      }
    }
    // A column that the schema does not name any more must not refuse new rows.
    for (const FoundColumn& column : found) {
      bool named = false;
      for (const Column& wanted : table.columns) {
        named = named || SameName(wanted.db_name, column.name);
      }
      if (!named && column.required && !column.has_default && column.key_position == 0) {
        plan_.statements.push_back("ALTER TABLE " + SqliteTable(table) + " ALTER COLUMN " +
                                   QuotedName(column.name) + " DROP NOT NULL");
      }
    }
    return Ok{};
  }

  void CompareKeys(const Table& table, const std::vector<FoundColumn>& found) {
    std::vector<std::string> was(found.size());
    std::size_t size = 0;
    for (const FoundColumn& column : found) {
      if (column.key_position == 0) continue;
      was[static_cast<std::size_t>(column.key_position) - 1] = column.name;
      ++size;
    }
    bool same = size == table.primary_key.size();
    std::string before;
    std::string after;
    for (std::size_t i = 0; i < size; ++i) before += (i > 0 ? ", " : "") + was[i];
    for (std::size_t i = 0; i < table.primary_key.size(); ++i) {
      const std::string& name = table.columns[table.primary_key[i]].db_name;
      after += (i > 0 ? ", " : "") + name;
      same = same && SameName(was[i], name);
    }
    if (!same) {
      Destructive(table, "the primary key is (" + after + ") now and was (" + before + ")");
    }
  }

  Status AddColumn(const Table& table, const Column& column) {
    if (!column.optional && !HasDefault(column)) {
      TIDEMARK_ASSIGN_OR_RETURN(const bool rows, AnyRow(SqliteTable(table)));
      if (rows) {
        Destructive(table, "column " + column.name +
                               " is new and required, and has no default for the existing rows");
        return Ok{};
      }
    }
    plan_.statements.push_back("ALTER TABLE " + SqliteTable(table) + " ADD COLUMN " +
                               ColumnDefinition(column));
    return Ok{};
  }

  // True: the type is as it was.
  bool CompareTypes(const Table& table, const Column& column, const FoundColumn& there) {
    std::string was = there.type;
    const std::string_view type = SqliteTypeName(column.type);
    bool same = SameName(there.type, type);
    const Column* last = LastColumn(table, column);
    if (last != nullptr && last->type != column.type) {
      // Every enumeration value and every date is a string.
      const bool widened =
          column.type == model::ColumnType::kString &&
          (last->type == model::ColumnType::kEnumeration || last->type == model::ColumnType::kDate);
      same = same && widened;
      was = model::ColumnTypeName(last->type);
    }
    if (!same) {
      Destructive(table, "column " + column.name + " is " +
                             std::string(model::ColumnTypeName(column.type)) + " (" +
                             std::string(type) + ") now and was " + was);
    }
    return same;
  }

  const Column* LastColumn(const Table& table, const Column& column) const {
    if (!last_) return nullptr;
    for (const Table& last_table : last_->tables()) {
      if (!SameName(PlainName(last_table), PlainName(table))) continue;
      for (const Column& last_column : last_table.columns) {
        if (SameName(last_column.db_name, column.db_name)) return &last_column;
      }
    }
    return nullptr;
  }

  Status CompareRequired(const Table& table, const Column& column, const FoundColumn& there) {
    const std::string name = QuotedName(column.db_name);
    const std::string alter = "ALTER TABLE " + SqliteTable(table) + " ALTER COLUMN " + name;
    if (column.optional && there.required && there.key_position == 0) {
      plan_.statements.push_back(alter + " DROP NOT NULL");
    }
    if (column.optional || there.required) return Ok{};
    TIDEMARK_ASSIGN_OR_RETURN(const bool missing,
                              AnyRow(SqliteTable(table) + " WHERE " + name + " IS NULL"));
    if (missing && !HasDefault(column)) {
      Destructive(table, "column " + column.name +
                             " is required now, has no default, and existing rows lack it");
      return Ok{};
    }
    if (missing) {
      plan_.statements.push_back("UPDATE " + SqliteTable(table) + " SET " + name + " = " +
                                 Literal(*column.default_value) + " WHERE " + name + " IS NULL");
    }
    plan_.statements.push_back(alter + " SET NOT NULL");
    return Ok{};
  }

  Status AddIndex(const Table& table, const std::vector<ColumnIndex>& columns) {
    const Index index = MakeIndex(table, columns, false);
    TIDEMARK_ASSIGN_OR_RETURN(const bool there, IndexExists(index.name));
    if (!there) plan_.statements.push_back(index.statement);
    return Ok{};
  }

  Status AddUnique(const Table& table, const std::vector<ColumnIndex>& columns,
                   const std::vector<FoundColumn>& found) {
    const Index index = MakeIndex(table, columns, true);
    TIDEMARK_ASSIGN_OR_RETURN(const bool there, IndexExists(index.name));
    if (there) return Ok{};
    plan_.statements.push_back(index.statement);
    if (found.empty()) return Ok{};
    // Existing rows have the default in a column that is new, and rows with a null never collide.
    std::string where;
    std::vector<ColumnIndex> grouped;
    for (const ColumnIndex column : columns) {
      const std::string& name = table.columns[column].db_name;
      if (Find(found, name) != nullptr) {
        grouped.push_back(column);
        where += (where.empty() ? " WHERE " : " AND ") + QuotedName(name) + " IS NOT NULL";
      } else if (!HasDefault(table.columns[column])) {
        return Ok{};
      }
    }
    const std::string group = grouped.empty() ? "" : " GROUP BY " + NameList(table, grouped, ", ");
    TIDEMARK_ASSIGN_OR_RETURN(const bool violated,
                              AnyRow("(SELECT count(*) AS n FROM " + SqliteTable(table) + where +
                                     group + " HAVING n > 1)"));
    if (violated) {
      Destructive(table,
                  "existing rows are not unique in (" + NameList(table, columns, ", ") + ")");
    }
    return Ok{};
  }

  Database& database_;
  const model::Schema& schema_;
  const std::optional<model::Schema>& last_;
  MigrationPlan plan_;
};

// The schema of the last migration, if there was one.
Result<std::optional<model::Schema>> LastSchema(Database& database) {
  TIDEMARK_ASSIGN_OR_RETURN(
      Statement table, database.Prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name "
                                        "= 'tidemark_schema'"));
  TIDEMARK_ASSIGN_OR_RETURN(const bool exists, table.Step());
  if (!exists) return std::optional<model::Schema>();
  TIDEMARK_ASSIGN_OR_RETURN(Statement document,
                            database.Prepare("SELECT document FROM tidemark_schema"));
  TIDEMARK_ASSIGN_OR_RETURN(const bool found, document.Step());
  if (!found) return std::optional<model::Schema>();
  // A document that this version cannot read any more says nothing; the tables themselves do.
  Result<model::Schema> schema = model::Schema::Parse(document.Text(0));
  if (!schema.ok()) return std::optional<model::Schema>();
  return std::optional<model::Schema>(std::move(schema).value());
}

Status RememberSchema(const model::Schema& schema, Database& database) {
  TIDEMARK_TRY(database.Execute(
      "CREATE TABLE IF NOT EXISTS tidemark_schema (id INTEGER PRIMARY KEY CHECK (id = 1), document "
      "TEXT NOT NULL) STRICT"));
  TIDEMARK_ASSIGN_OR_RETURN(
      Statement remember,
      database.Prepare("INSERT INTO tidemark_schema (id, document) VALUES (1, ?1) ON CONFLICT (id) "
                       "DO UPDATE SET document = excluded.document WHERE document <> "
                       "excluded.document"));
  remember.Bind(1, std::string_view(schema.json()));
  return remember.Run();
}

}  // namespace

Result<MigrationPlan> PlanSqliteMigration(const model::Schema& schema, Database& database) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::optional<model::Schema> last, LastSchema(database));
  Planner planner(database, schema, last);
  for (model::TableIndex table = 0; table < schema.tables().size(); ++table) {
    TIDEMARK_TRY(planner.Add(table));
  }
  return planner.Take();
}

Status MigrateSqlite(const model::Schema& schema, Database& database) {
  TIDEMARK_ASSIGN_OR_RETURN(SqliteTransaction transaction,
                            SqliteTransaction::Begin(database, TransactionKind::kWrite));
  TIDEMARK_ASSIGN_OR_RETURN(const MigrationPlan plan, PlanSqliteMigration(schema, database));
  if (!plan.destructive.empty()) {
    std::string message = "the database does not fit the schema";
    for (const std::string& difference : plan.destructive) message += "; " + difference;
    return Error{ErrorCode::kConflict, std::move(message)};
  }
  for (const std::string& statement : plan.statements) TIDEMARK_TRY(database.Execute(statement));
  TIDEMARK_TRY(RememberSchema(schema, database));
  return transaction.Commit();
}

}  // namespace tidemark::store
