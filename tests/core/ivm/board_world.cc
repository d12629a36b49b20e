#include "tests/core/ivm/board_world.h"

#include <set>
#include <utility>

#include "core/ivm/node_tables.h"
#include "core/query/ast_json.h"

namespace tidemark::ivm {
namespace {

using model::Row;
using model::Value;

constexpr char kSchema[] = R"({"tables":[
  {"name":"board","columns":[{"name":"id","type":"string"},{"name":"owner","type":"string"}],
   "primaryKey":["id"],"indexes":[],"uniques":[],"relationships":[
     {"name":"todos","kind":"many","table":"todo","match":{"id":"boardID"}}]},
  {"name":"todo","columns":[{"name":"id","type":"string"},
     {"name":"boardID","type":"string","optional":true},{"name":"rank","type":"number"},
     {"name":"done","type":"boolean"}],
   "primaryKey":["id"],"indexes":[],"uniques":[],"relationships":[
     {"name":"board","kind":"one","table":"board","match":{"boardID":"id"}},
     {"name":"tags","kind":"many","table":"tag","match":{"id":"todoID"},
      "through":{"table":"todoTag","match":{"tagID":"id"}}}]},
  {"name":"tag","columns":[{"name":"id","type":"string"}],
   "primaryKey":["id"],"indexes":[],"uniques":[],"relationships":[]},
  {"name":"todoTag","columns":[{"name":"todoID","type":"string"},{"name":"tagID","type":"string"}],
   "primaryKey":["todoID","tagID"],"indexes":[],"uniques":[],"relationships":[]}]})";

}  // namespace

BoardWorld::BoardWorld() : schema_(model::Schema::Parse(kSchema).value()), store_(schema_) {}

query::Query BoardWorld::Parse(std::string_view json) const {
  Result<query::Query> query = query::ParseQuery(schema_, json);
  if (!query.ok()) std::printf("%s\n", query.error().message.c_str());
  return std::move(query).value();
}

void BoardWorld::Put(model::TableIndex table, Row row) {
  RowKey key = model::KeyOf(schema_.table(table), row);
  Row before = store_.Apply(table, key, row);
  changes_.Add(model::RowChange{table, std::move(key), std::move(before), std::move(row)});
}

void BoardWorld::Delete(model::TableIndex table, const RowKey& key) {
  changes_.Add(model::RowChange{table, key, store_.Apply(table, key, Row()), Row()});
}

void BoardWorld::Board(const std::string& id, const std::string& owner) {
  Put(kBoard, Row::Make({Value(id), Value(owner)}));
}

void BoardWorld::Todo(const std::string& id, const std::string& board, double rank, bool done) {
  Put(kTodo,
      Row::Make({Value(id), board.empty() ? Value() : Value(board), Value(rank), Value(done)}));
}

void BoardWorld::Tag(const std::string& id) { Put(kTag, Row::Make({Value(id)})); }

void BoardWorld::Tie(const std::string& todo, const std::string& tag) {
  Put(kTodoTag, Row::Make({Value(todo), Value(tag)}));
}

void BoardWorld::Untie(const std::string& todo, const std::string& tag) {
  Delete(kTodoTag, model::KeyFromValues({Value(todo), Value(tag)}));
}

void BoardWorld::Remove(model::TableIndex table, const std::string& id) {
  Delete(table, model::KeyFromValues({Value(id)}));
}

std::string Describe(const std::vector<ViewEdit>& edits) {
  static const char kKinds[] = {'+', '-', '=', '(', '!', ')'};
  std::string text;
  for (const ViewEdit& edit : edits) {
    if (!text.empty()) text += ' ';
    text += std::to_string(edit.list) + kKinds[static_cast<std::size_t>(edit.kind)];
    if (edit.kind != ViewEdit::Kind::kClose) text += std::to_string(edit.index);
    if (edit.row) text += ":" + (edit.row[0].is_null() ? "null" : edit.row[0].string());
    for (const ListID list : edit.lists) text += "/" + std::to_string(list);
  }
  return text;
}

std::string Describe(const model::Schema& schema, const Pipeline& pipeline,
                     const model::ChangeSet& changes) {
  const NodeTables nodes(schema, pipeline.query());
  const auto name_of = [&](model::TableIndex index) {
    const std::string& name = pipeline.table(index).name;
    for (std::size_t i = 0; i < nodes.nodes().size(); ++i) {
      if (nodes.nodes()[i].description.name == name) return "@" + std::to_string(i);
    }
    return name;
  };
  std::set<std::string> parts;
  for (const model::RowChange& change : changes) {
    const Row& row = change.after ? change.after : change.before;
    std::string part = !change.before ? "+" : !change.after ? "-" : "~";
    part += name_of(change.table) + ":" + (row[0].is_null() ? "told" : row[0].string());
    if (change.table == kTodoTag) part += "/" + row[1].string();
    parts.insert(part);
  }
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : " ") + part;
  return text;
}

}  // namespace tidemark::ivm
