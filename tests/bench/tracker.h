// What the benchmarks of trees work on, natively and in wasm: issues of projects, 500 each, with
// authors and two comments.
#ifndef TIDEMARK_TESTS_BENCH_TRACKER_H_
#define TIDEMARK_TESTS_BENCH_TRACKER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/function_ref.h"
#include "core/ivm/view.h"
#include "core/model/row_change.h"
#include "core/query/ast_json.h"
#include "core/store/memory_source.h"

namespace tidemark::bench {

using model::Row;
using model::Value;

inline constexpr model::TableIndex kUser = 0;
inline constexpr model::TableIndex kIssue = 1;
inline constexpr model::TableIndex kComment = 2;
inline constexpr std::int64_t kProjectSize = 500;
inline constexpr std::int64_t kUsers = 50;

inline constexpr char kTrackerSchema[] = R"({"tables":[
  {"name":"user","columns":[{"name":"id","type":"string"},{"name":"name","type":"string"}],
   "primaryKey":["id"],"indexes":[],"uniques":[],"relationships":[]},
  {"name":"issue","columns":[{"name":"id","type":"string"},{"name":"project","type":"string"},
     {"name":"author","type":"string"},{"name":"title","type":"string"},
     {"name":"rank","type":"number"}],
   "primaryKey":["id"],"indexes":[["project","rank"]],"uniques":[],"relationships":[
     {"name":"writer","kind":"one","table":"user","match":{"author":"id"}},
     {"name":"comments","kind":"many","table":"comment","match":{"id":"issue"}}]},
  {"name":"comment","columns":[{"name":"id","type":"string"},{"name":"issue","type":"string"},
     {"name":"text","type":"string"}],
   "primaryKey":["id"],"indexes":[],"uniques":[],"relationships":[]}]})";

inline std::string Id(std::string_view kind, std::int64_t i) {
  return "0192f0c1-" + std::string(kind) + "-7000-8000-" + std::to_string(100000 + i);
}

inline Row User(std::int64_t i) {
  return Row::Make({Value(Id("user", i)), Value("Name of " + Id("", i))});
}

inline Row Issue(std::int64_t i, std::string title = "Water the plants") {
  return Row::Make({Value(Id("issue", i)), Value("project" + std::to_string(i / kProjectSize)),
                    Value(Id("user", i * 31 % kUsers)), Value(std::move(title)),
                    Value(static_cast<double>(i * 7919 % 1000003))});
}

// Two an issue.
inline Row Comment(std::int64_t i, std::int64_t issue) {
  return Row::Make(
      {Value(Id("note", i)), Value(Id("issue", issue)), Value("They have been watered.")});
}

class Tracker {
 public:
  explicit Tracker(std::int64_t issues) {
    for (std::int64_t i = 0; i < kUsers; ++i) Put(kUser, User(i));
    for (std::int64_t i = 0; i < issues; ++i) {
      Put(kIssue, Issue(i));
      Put(kComment, Comment(2 * i, i));
      Put(kComment, Comment(2 * i + 1, i));
    }
  }

  const store::Store& store() const { return store_; }
  void ForEach(FunctionRef<void(model::TableIndex, const Row&)> visit) const {
    for (const model::TableIndex table : {kUser, kIssue, kComment}) {
      store_.ForEach(table, [&](const RowKey&, const Row& row) { visit(table, row); });
    }
  }
  query::Query Parse(std::string_view json) const {
    return query::ParseQuery(schema_, json).value();
  }
  model::RowChange Put(model::TableIndex table, const Row& row) {
    RowKey key = model::KeyOf(schema_.table(table), row);
    Row before = store_.Apply(table, key, row);
    return {table, std::move(key), std::move(before), row};
  }
  model::RowChange Remove(model::TableIndex table, const Row& row) {
    RowKey key = model::KeyOf(schema_.table(table), row);
    Row before = store_.Apply(table, key, Row());
    return {table, std::move(key), std::move(before), Row()};
  }

 private:
  model::Schema schema_ = model::Schema::Parse(kTrackerSchema).value();
  store::MemoryStore store_{schema_};
};

inline ivm::View Hydrated(const Tracker& tracker, std::string_view json) {
  ivm::View view(tracker.store(), tracker.Parse(json));
  TIDEMARK_CHECK(view.Hydrate().ok());
  return view;
}

inline constexpr char kProjectWithAll[] =
    R"({"table":"issue","where":{"op":"=","column":"project","value":"project1"},
        "orderBy":[["rank","asc"]],"related":[
          {"relationship":"writer","query":{"table":"user"}},
          {"relationship":"comments","query":{"table":"comment"}}]})";
inline constexpr char kFirstWithAll[] =
    R"({"table":"issue","orderBy":[["rank","asc"]],"limit":50,"related":[
          {"relationship":"writer","query":{"table":"user"}},
          {"relationship":"comments","query":{"table":"comment"}}]})";

}  // namespace tidemark::bench

#endif  // TIDEMARK_TESTS_BENCH_TRACKER_H_
