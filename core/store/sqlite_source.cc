#include "core/store/sqlite_source.h"

#include <algorithm>
#include <span>
#include <utility>

#include "core/query/sql_writer.h"
#include "core/store/sqlite_row.h"

namespace tidemark::store {
namespace {

using model::Row;
using model::Table;
using model::Value;

constexpr std::size_t kQueryStatementsMax = 256;  // about 10 KB each when prepared

// A SELECT that is left on a row would keep its snapshot, and with it the write-ahead log.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(Statement& statement) : statement_(statement) {}
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;
  ~ResetAtEnd() { statement_.Reset(); }

 private:
  Statement& statement_;
};

// The request's query with its constraint as conditions, which come first: so do their parameters.
query::Query Constrained(const FetchRequest& request) {
  query::Query query = request.query;
  query::Junction all;
  for (std::size_t i = 0; i < request.constraint.columns.size(); ++i) {
    all.args.push_back(query::Condition{query::Comparison{
        request.constraint.columns[i], query::Op::kEqual, {request.constraint.values[i]}}});
  }
  if (query.where) all.args.push_back(std::move(*query.where));
  query.where = query::Condition{std::move(all)};
  return query;
}

bool HasNull(std::span<const Value> values) {
  return std::any_of(values.begin(), values.end(), [](const Value& v) { return v.is_null(); });
}

// The statement of a constraint, written once: it is asked for each of many values.
struct ConstrainedStatement {
  query::Query query;
  std::vector<model::ColumnIndex> columns;
  query::SqlStatement sql;  // the first parameters are the columns' values

  bool IsOf(const FetchRequest& request) const {
    const std::span<const model::ColumnIndex> asked = request.constraint.columns;
    return std::equal(asked.begin(), asked.end(), columns.begin(), columns.end()) &&
           query == request.query;
  }
};

constexpr std::size_t kConstrainedStatementsMax = 64;

std::string ColumnList(const Table& table) {
  std::string list;
  for (const model::Column& column : table.columns) {
    if (!list.empty()) list += ", ";
    list += query::QuotedName(column.db_name);
  }
  return list;
}

// `"a" = ?1 AND "b" = ?2`
std::string KeyCondition(const Table& table) {
  std::string condition;
  int parameter = 0;
  for (const model::ColumnIndex column : table.primary_key) {
    if (parameter > 0) condition += " AND ";
    condition +=
        query::QuotedName(table.columns[column].db_name) + " = ?" + std::to_string(++parameter);
  }
  return condition;
}

std::string InsertText(const Table& table) {
  std::string text = "INSERT INTO " + query::QuotedTable(query::Dialect::kSqlite, table) + " (" +
                     ColumnList(table) + ") VALUES (";
  for (std::size_t i = 1; i <= table.columns.size(); ++i) {
    if (i > 1) text += ", ";
    text += "?" + std::to_string(i);
  }
  return text + ")";
}

// Not REPLACE, which would also delete other rows that hold the same unique value.
std::string UpsertTail(const Table& table) {
  std::string target;
  for (const model::ColumnIndex column : table.primary_key) {
    if (!target.empty()) target += ", ";
    target += query::QuotedName(table.columns[column].db_name);
  }
  std::string assignments;
  for (model::ColumnIndex i = 0; i < table.columns.size(); ++i) {
    if (table.IsKeyColumn(i)) continue;
    if (!assignments.empty()) assignments += ", ";
    const std::string name = query::QuotedName(table.columns[i].db_name);
    assignments += name + " = excluded." + name;
  }
  return " ON CONFLICT (" + target + ") DO " +
         (assignments.empty() ? "NOTHING" : "UPDATE SET " + assignments);
}

}  // namespace

class SqliteSource final : public Source {
 public:
  SqliteSource(const model::Schema& schema, const Table& table, Database& database,
               StatementPool& queries)
      : schema_(schema), table_(table), database_(database), queries_(queries) {
    const std::string name = query::QuotedTable(query::Dialect::kSqlite, table);
    get_ = "SELECT " + ColumnList(table) + " FROM " + name + " WHERE " + KeyCondition(table);
    delete_ = "DELETE FROM " + name + " WHERE " + KeyCondition(table);
    insert_ = InsertText(table);
    put_ = insert_ + UpsertTail(table);
  }

  Result<Row> Get(const RowKey& key) const override {
    TIDEMARK_ASSIGN_OR_RETURN(Statement * statement, BindKey(get_, key));
    const ResetAtEnd reset(*statement);
    TIDEMARK_ASSIGN_OR_RETURN(const bool found, statement->Step());
    return found ? ReadRow(*statement, table_) : Row();
  }

  Status Fetch(const FetchRequest& request, FunctionRef<bool(const Row&)> visit) const override {
    std::optional<query::SqlStart> start;
    if (request.start) start = query::SqlStart{request.start->row, request.start->inclusive};
    const Constraint& constraint = request.constraint;
    if (HasNull(constraint.values)) return Ok{};
    if (!constraint.columns.empty() && !start) {
      query::SqlStatement& sql = StatementOf(request);
      for (std::size_t i = 0; i < constraint.values.size(); ++i) {
        sql.parameters[i].value = constraint.values[i];
      }
      return Run(sql, visit);
    }
    return Run(query::WriteSelect(query::Dialect::kSqlite, schema_,
                                  constraint.columns.empty() ? request.query : Constrained(request),
                                  start),
               visit);
  }

  Status Insert(const Row& row) { return Write(insert_, row); }
  Status Put(const Row& row) { return Write(put_, row); }

  Status Delete(const RowKey& key) {
    TIDEMARK_ASSIGN_OR_RETURN(Statement * statement, BindKey(delete_, key));
    return statement->Run();
  }

 private:
  query::SqlStatement& StatementOf(const FetchRequest& request) const {
    for (ConstrainedStatement& known : constrained_) {
      if (known.IsOf(request)) return known.sql;
    }
    if (constrained_.size() == kConstrainedStatementsMax) constrained_.clear();
    constrained_.push_back(ConstrainedStatement{
        request.query,
        {request.constraint.columns.begin(), request.constraint.columns.end()},
        query::WriteSelect(query::Dialect::kSqlite, schema_, Constrained(request))});
    return constrained_.back().sql;
  }

  // Everything is bound before the first row, so the visitor may ask for the same statement.
  Status Run(const query::SqlStatement& sql, FunctionRef<bool(const Row&)> visit) const {
    TIDEMARK_ASSIGN_OR_RETURN(Statement * statement, queries_.Take(database_.handle(), sql.text));
    const ResetAtEnd reset(*statement);
    int parameter = 0;
    for (const query::Parameter& bound : sql.parameters) {
      BindValue(*statement, ++parameter, bound.type, bound.value);
    }
    while (true) {
      TIDEMARK_ASSIGN_OR_RETURN(const bool found, statement->Step());
      if (!found || !visit(ReadRow(*statement, table_))) return Ok{};
    }
  }

  Result<Statement*> BindKey(const std::string& text, const RowKey& key) const {
    TIDEMARK_ASSIGN_OR_RETURN(const auto values, model::ValuesOfKey(table_, key));
    TIDEMARK_ASSIGN_OR_RETURN(Statement * statement, database_.Cached(text));
    for (std::size_t i = 0; i < values.size(); ++i) {
      BindValue(*statement, static_cast<int>(i) + 1, table_.columns[table_.primary_key[i]].type,
                values[i]);
    }
    return statement;
  }

  Status Write(const std::string& text, const Row& row) {
    TIDEMARK_CHECK(row.size() == table_.columns.size());
    TIDEMARK_ASSIGN_OR_RETURN(Statement * statement, database_.Cached(text));
    for (std::size_t i = 0; i < row.size(); ++i) {
      BindValue(*statement, static_cast<int>(i) + 1, table_.columns[i].type, row[i]);
    }
    return statement->Run();
  }

  const model::Schema& schema_;
  const Table& table_;
  Database& database_;
  StatementPool& queries_;
  std::string get_;
  std::string delete_;
  std::string insert_;
  std::string put_;
  mutable std::vector<ConstrainedStatement> constrained_;
};

SqliteStore::SqliteStore(const model::Schema& schema, Database& database)
    : schema_(schema),
      database_(database),
      queries_(std::make_unique<StatementPool>(kQueryStatementsMax)) {
  for (const Table& table : schema.tables()) {
    sources_.push_back(std::make_unique<SqliteSource>(schema, table, database_, *queries_));
  }
}

SqliteStore::~SqliteStore() = default;

const Source& SqliteStore::source(model::TableIndex table) const { return *sources_[table]; }

Result<Row> SqliteStore::Get(model::TableIndex table, const RowKey& key) const {
  return sources_[table]->Get(key);
}

Status SqliteStore::Insert(model::TableIndex table, const Row& row) {
  return sources_[table]->Insert(row);
}

Status SqliteStore::Put(model::TableIndex table, const Row& row) {
  return sources_[table]->Put(row);
}

Status SqliteStore::Delete(model::TableIndex table, const RowKey& key) {
  return sources_[table]->Delete(key);
}

Result<std::vector<Row>> SqliteStore::Run(const query::Query& query) const {
  std::vector<Row> rows;
  TIDEMARK_TRY(sources_[query.table]->Fetch({query}, [&rows](const Row& row) {
    rows.push_back(row);
    return true;
  }));
  return rows;
}

}  // namespace tidemark::store
