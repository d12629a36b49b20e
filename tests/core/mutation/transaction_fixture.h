// A transaction on tables in memory, with an exact knowledge of what is there or with the partial
// one of a client.
#ifndef TIDEMARK_TESTS_CORE_MUTATION_TRANSACTION_FIXTURE_H_
#define TIDEMARK_TESTS_CORE_MUTATION_TRANSACTION_FIXTURE_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/mutation/transaction.h"
#include "core/store/memory_source.h"

namespace tidemark::mutation {

inline constexpr std::string_view kSchema = R"({"tables":[
  {"name":"todo","columns":[
    {"name":"id","type":"string"},
    {"name":"title","type":"string"},
    {"name":"done","type":"boolean","default":false},
    {"name":"rank","type":"number","optional":true},
    {"name":"views","type":"bigint","optional":true},
    {"name":"due","type":"timestamp","optional":true},
    {"name":"doc","type":"json","optional":true}],
   "primaryKey":["id"]},
  {"name":"member","columns":[
    {"name":"list","type":"string"},
    {"name":"user","type":"number"},
    {"name":"role","type":"enumeration","values":["owner","guest"],"default":"guest"}],
   "primaryKey":["list","user"]}]})";

/// Rows that a test can make fail.
class TestRows final : public RowAccess {
 public:
  explicit TestRows(const model::Schema& schema) : store(schema) {}

  Result<Lookup> Get(model::TableIndex table, const RowKey& key) override {
    if (failure) return *failure;
    model::Row row = store.Get(table, key);
    if (row) return Lookup{Presence::kPresent, std::move(row)};
    return Lookup{knows_all ? Presence::kAbsent : Presence::kUnknown, {}};
  }
  Status Write(RowWrite write) override {
    if (failure) return *failure;
    store.Apply(write.table, write.key, write.after);
    writes.push_back(std::move(write));
    return Ok{};
  }
  Result<std::string> Run(const query::Query& query) override {
    std::string rows = "[";
    TIDEMARK_TRY(store.source(query.table).Fetch({query}, [&rows](const model::Row& row) {
      if (rows.size() > 1) rows += ',';
      model::AppendRowJson(rows, row);
      return true;
    }));
    return rows + "]";
  }

  store::MemoryStore store;
  bool knows_all = true;
  std::optional<Error> failure;
  std::vector<RowWrite> writes;
};

class TransactionFixture : public ::testing::Test {
 protected:
  TransactionFixture()
      : schema_(model::Schema::Parse(kSchema).value()),
        rows_(schema_),
        transaction_(schema_, rows_, mutation_) {}

  Status Write(WriteOp op, std::string_view payload, std::string_view table = "todo") {
    return transaction_.Write(op, table, payload);
  }
  void Must(WriteOp op, std::string_view payload, std::string_view table = "todo") {
    const Status status = Write(op, payload, table);
    ASSERT_TRUE(status.ok()) << payload << ": " << status.error().message;
  }
  /// In a transaction of its own, because a failure dooms it.
  Error Fails(WriteOp op, std::string_view payload, std::string_view table = "todo") {
    Transaction transaction(schema_, rows_, mutation_);
    const std::size_t writes = rows_.writes.size();
    const Status status = transaction.Write(op, table, payload);
    EXPECT_EQ(rows_.writes.size(), writes) << "a failed write wrote";
    EXPECT_FALSE(status.ok()) << payload;
    return status.ok() ? Error{} : status.error();
  }
  std::string Row(std::string_view key = R"(["a"])", std::string_view table = "todo") {
    Result<std::string> row = transaction_.Get(table, key);
    return row.ok() ? *row : "error: " + row.error().message;
  }

  const model::Schema schema_;
  TestRows rows_;
  Mutation mutation_{
      ClientID("c"), 1, "test", "", 1700000000000, "00112233445566778899aabbccddeeff"};
  Transaction transaction_;
};

}  // namespace tidemark::mutation

#endif  // TIDEMARK_TESTS_CORE_MUTATION_TRANSACTION_FIXTURE_H_
