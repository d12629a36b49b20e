#include "core/mutation/transaction.h"

#include <array>
#include <boost/json/value.hpp>
#include <utility>

#include "core/model/json.h"
#include "core/mutation/path_write.h"
#include "core/mutation/payload.h"
#include "core/query/ast_json.h"

namespace tidemark::mutation {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<std::string_view, WriteOp>, 9> kOps = {{
    {"insert", WriteOp::kInsert},
    {"upsert", WriteOp::kUpsert},
    {"update", WriteOp::kUpdate},
    {"delete", WriteOp::kDelete},
    {"set", WriteOp::kSet},
    {"unset", WriteOp::kUnset},
    {"merge", WriteOp::kMerge},
    {"increment", WriteOp::kIncrement},
    {"splice", WriteOp::kSplice},
}};

/// One write on its way from payload to RowAccess.
struct Target {
  const model::Table& table;
  model::TableIndex index;
  RowAccess& rows;

  std::string Name(const RowKey& key) const { return table.name + " " + key.value; }

  Status Insert(RowKey key, model::Row row) const {
    return rows.Write(
        RowWrite{RowWrite::Kind::kInsert, index, std::move(key), {}, std::move(row), {}});
  }

  /// Writes `values` over `before`; nothing if that changes nothing.
  Status Replace(RowKey key, const model::Row& before, std::vector<model::Value> values) const {
    RowWrite write{RowWrite::Kind::kUpdate, index, std::move(key), before, {}, {}};
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != before[i]) write.changed.push_back(static_cast<model::ColumnIndex>(i));
    }
    if (write.changed.empty()) return Ok{};
    write.after = model::Row::Make(std::move(values));
    return rows.Write(std::move(write));
  }

  Status Overwrite(RowKey key, const model::Row& before, const PartialRow& given) const {
    std::vector<model::Value> values = before.values();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (given[i]) values[i] = *given[i];
    }
    return Replace(std::move(key), before, std::move(values));
  }

  Error NotFound(const RowKey& key) const {
    return Error{ErrorCode::kNotFound, Name(key) + " does not exist"};
  }
};

Status Insert(const Target& target, const json::value& payload) {
  TIDEMARK_ASSIGN_OR_RETURN(const PartialRow given, ReadColumns(target.table, payload, false));
  TIDEMARK_ASSIGN_OR_RETURN(model::Row row, CompleteRow(target.table, given));
  RowKey key = model::KeyOf(target.table, row);
  TIDEMARK_ASSIGN_OR_RETURN(const Lookup found, target.rows.GetForInsert(target.index, key));
  if (found.presence == Presence::kPresent) {
    return Error{ErrorCode::kAlreadyExists, target.Name(key) + " exists already"};
  }
  return target.Insert(std::move(key), std::move(row));
}

Status Upsert(const Target& target, const json::value& payload) {
  TIDEMARK_ASSIGN_OR_RETURN(const PartialRow given, ReadColumns(target.table, payload, false));
  TIDEMARK_ASSIGN_OR_RETURN(model::Row row, CompleteRow(target.table, given));
  RowKey key = model::KeyOf(target.table, row);
  TIDEMARK_ASSIGN_OR_RETURN(const Lookup found, target.rows.Get(target.index, key));
  if (found.presence != Presence::kPresent) return target.Insert(std::move(key), std::move(row));
  return target.Overwrite(std::move(key), found.row, given);
}

Status Update(const Target& target, const json::value& payload) {
  TIDEMARK_ASSIGN_OR_RETURN(const PartialRow given, ReadColumns(target.table, payload, false));
  TIDEMARK_ASSIGN_OR_RETURN(RowKey key, ReadKey(target.table, given));
  TIDEMARK_ASSIGN_OR_RETURN(const Lookup found, target.rows.Get(target.index, key));
  if (found.presence == Presence::kUnknown) return Ok{};
  if (found.presence == Presence::kAbsent) return target.NotFound(key);
  return target.Overwrite(std::move(key), found.row, given);
}

Status Delete(const Target& target, const json::value& payload) {
  TIDEMARK_ASSIGN_OR_RETURN(RowKey key, ReadKeyJson(target.table, payload));
  TIDEMARK_ASSIGN_OR_RETURN(const Lookup found, target.rows.Get(target.index, key));
  if (found.presence != Presence::kPresent) return Ok{};
  return target.rows.Write(
      RowWrite{RowWrite::Kind::kDelete, target.index, std::move(key), found.row, {}, {}});
}

Status WriteAtPath(const Target& target, WriteOp op, const json::value& payload) {
  TIDEMARK_ASSIGN_OR_RETURN(Place place, ReadPlace(target.table, payload));
  TIDEMARK_TRY(CheckPathWrite(op, target.table, place, payload));
  TIDEMARK_ASSIGN_OR_RETURN(const Lookup found, target.rows.Get(target.index, place.key));
  if (found.presence == Presence::kUnknown) return Ok{};
  if (found.presence == Presence::kAbsent) return target.NotFound(place.key);
  std::vector<model::Value> values = found.row.values();
  Result<model::Value> edited =
      ApplyPathWrite(op, target.table, place, payload, values[place.column]);
  if (!edited.ok()) {
    Error error = std::move(edited).error();
    error.message = target.Name(place.key) + ", " + target.table.columns[place.column].name + ": " +
                    error.message;
    return error;
  }
  values[place.column] = std::move(edited).value();
  return target.Replace(std::move(place.key), found.row, std::move(values));
}

Error NoTable(std::string_view name) {
  return Error{ErrorCode::kInvalidArgs, "there is no table named " + std::string(name)};
}

}  // namespace

std::optional<WriteOp> WriteOpFromName(std::string_view name) {
  for (const auto& [known, op] : kOps) {
    if (known == name) return op;
  }
  return std::nullopt;
}

Transaction::Transaction(const model::Schema& schema, RowAccess& rows, const Mutation& mutation)
    : schema_(schema), rows_(rows), mutation_(mutation) {}

Result<std::string> Transaction::Get(std::string_view table, std::string_view key_json) {
  const std::optional<model::TableIndex> index = schema_.FindTable(table);
  if (!index) return NoTable(table);
  TIDEMARK_ASSIGN_OR_RETURN(const json::value json, model::ParseJson(key_json));
  TIDEMARK_ASSIGN_OR_RETURN(const RowKey key, ReadKeyJson(schema_.table(*index), json));
  Result<Lookup> found = rows_.Get(*index, key);
  if (!found.ok()) return Doomed(std::move(found).error());
  if (found->presence != Presence::kPresent) return std::string();
  return model::RowJson(found->row);
}

Status Transaction::Write(WriteOp op, std::string_view table, std::string_view payload_json) {
  if (doom_) return *doom_;
  Status status = WriteRow(op, table, payload_json);
  if (!status.ok()) return Doomed(std::move(status).error());
  return Ok{};
}

Result<std::string> Transaction::Run(std::string_view ast_json) {
  TIDEMARK_ASSIGN_OR_RETURN(const query::Query query, query::ParseQuery(schema_, ast_json));
  Result<std::string> result = rows_.Run(query);
  if (!result.ok()) return Doomed(std::move(result).error());
  return result;
}

std::string Transaction::Uuid() { return MutationUuid(mutation_, uuids_++); }

Error Transaction::Doomed(Error error) {
  if (!doom_) doom_ = std::move(error);
  return *doom_;
}

Status Transaction::WriteRow(WriteOp op, std::string_view table, std::string_view payload_json) {
  const std::optional<model::TableIndex> index = schema_.FindTable(table);
  if (!index) return NoTable(table);
  TIDEMARK_ASSIGN_OR_RETURN(const json::value payload, ParsePayload(payload_json));
  const Target target{schema_.table(*index), *index, rows_};
  switch (op) {
    case WriteOp::kInsert:
      return Insert(target, payload);
    case WriteOp::kUpsert:
      return Upsert(target, payload);
    case WriteOp::kUpdate:
      return Update(target, payload);
    case WriteOp::kDelete:
      return Delete(target, payload);
    case WriteOp::kSet:
    case WriteOp::kUnset:
    case WriteOp::kMerge:
    case WriteOp::kIncrement:
    case WriteOp::kSplice:
      return WriteAtPath(target, op, payload);
  }
  return Error{ErrorCode::kInternal, "not a write"};
}

}  // namespace tidemark::mutation
