#include "core/store/sqlite.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace tidemark::store {
namespace {

Database OpenMemory() {
  auto database = Database::Open(":memory:");
  EXPECT_TRUE(database.ok());
  return std::move(database).value();
}

std::int64_t Count(Database& database, std::string_view table) {
  auto statement = database.Prepare("SELECT count(*) FROM " + std::string(table));
  EXPECT_TRUE(statement.ok() && *statement->Step());
  return statement->Int64(0);
}

TEST(DatabaseTest, ReadsBackWhatWasBound) {
  Database database = OpenMemory();
  ASSERT_TRUE(
      database.Execute("CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, n TEXT) STRICT").ok());
  const std::string blob("\0\xff\0", 3);
  auto insert = database.Prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)");
  ASSERT_TRUE(insert.ok());
  insert->Bind(1, std::int64_t{9007199254740993}).Bind(2, 0.1).Bind(3, std::string_view());
  insert->BindBlob(4, blob).BindNull(5);
  ASSERT_TRUE(insert->Run().ok());
  EXPECT_EQ(database.changes(), 1);

  auto select = database.Prepare("SELECT i, r, s, b, n FROM t");
  ASSERT_TRUE(select.ok());
  ASSERT_TRUE(*select->Step());
  EXPECT_EQ(select->Int64(0), 9007199254740993);
  EXPECT_EQ(select->Double(1), 0.1);
  EXPECT_FALSE(select->IsNull(2));
  EXPECT_EQ(select->Text(2), "");
  EXPECT_EQ(select->Blob(3), blob);
  EXPECT_TRUE(select->IsNull(4));
  EXPECT_FALSE(*select->Step());
}

TEST(DatabaseTest, NamesTheStatementThatFails) {
  Database database = OpenMemory();
  const Status status = database.Execute("CREATE TABLE t (a) ; SELECT nothing FROM t");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInternal);
  EXPECT_NE(status.error().message.find("nothing"), std::string::npos);
  EXPECT_EQ(Count(database, "t"), 0);
}

TEST(DatabaseTest, PreparesNothingButOneStatement) {
  Database database = OpenMemory();
  EXPECT_FALSE(database.Prepare("SELECT 1; SELECT 2").ok());
  EXPECT_FALSE(database.Prepare("  ").ok());
  EXPECT_TRUE(database.Prepare("SELECT 1;\n").ok());
}

TEST(DatabaseTest, TellsKindsOfConstraintsApart) {
  Database database = OpenMemory();
  ASSERT_TRUE(database
                  .Execute("CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, u TEXT UNIQUE, n INTEGER "
                           "NOT NULL DEFAULT 0) STRICT; INSERT INTO t VALUES ('a', 'x', 0)")
                  .ok());
  const auto code = [&](std::string_view sql) {
    const Status status = database.Execute(sql);
    return status.ok() ? std::optional<ErrorCode>() : status.error().code;
  };
  EXPECT_EQ(code("INSERT INTO t VALUES ('a', 'y', 0)"), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code("INSERT INTO t VALUES ('b', 'x', 0)"), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code("INSERT INTO t VALUES ('b', 'y', NULL)"), ErrorCode::kInvalidArgs);
  EXPECT_EQ(code("INSERT INTO t VALUES ('b', 'y', 'text')"), ErrorCode::kInvalidArgs);
  EXPECT_EQ(Count(database, "t"), 1);
}

TEST(DatabaseTest, SaysUnavailableWhenTheFileCannotBeOpened) {
  const auto database = Database::Open("/nonexistent/folder/file.db");
  ASSERT_FALSE(database.ok());
  EXPECT_EQ(database.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(database.error().message.find("/nonexistent/folder/file.db"), std::string::npos);
}

TEST(DatabaseTest, ReportsAParameterThatDoesNotExist) {
  Database database = OpenMemory();
  auto statement = database.Prepare("SELECT ?1");
  ASSERT_TRUE(statement.ok());
  statement->Bind(2, 1.0);
  EXPECT_FALSE(statement->Step().ok());
  // And is as good as new afterwards.
  statement->Bind(1, 1.0);
  EXPECT_TRUE(statement->Step().ok());
}

TEST(StatementPoolTest, GivesAFreshStatementWhileOneIsStepped) {
  Database database = OpenMemory();
  constexpr std::string_view kSql = "SELECT value FROM json_each('[1,2,3]')";
  auto outer = database.Cached(kSql);
  ASSERT_TRUE(outer.ok());
  std::int64_t sum = 0;
  while (*(*outer)->Step()) {
    auto inner = database.Cached(kSql);
    ASSERT_TRUE(inner.ok());
    ASSERT_NE(*inner, *outer);
    while (*(*inner)->Step()) sum += (*outer)->Int64(0) * (*inner)->Int64(0);
  }
  EXPECT_EQ(sum, 36);
  EXPECT_EQ(*database.Cached(kSql), *outer);
}

TEST(StatementPoolTest, DropsIdleStatementsBeyondItsBoundAndKeepsBusyOnes) {
  Database database = OpenMemory();
  StatementPool pool(2);
  auto busy = pool.Take(database.handle(), "SELECT 1 UNION ALL SELECT 2");
  ASSERT_TRUE(busy.ok());
  ASSERT_TRUE(*(*busy)->Step());
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(pool.Take(database.handle(), "SELECT " + std::to_string(i)).ok());
  }
  ASSERT_TRUE(*(*busy)->Step());
  EXPECT_EQ((*busy)->Int64(0), 2);
}

TEST(SqliteTransactionTest, RollsBackUnlessCommitted) {
  Database database = OpenMemory();
  ASSERT_TRUE(database.Execute("CREATE TABLE t (a INTEGER)").ok());
  {
    auto transaction = SqliteTransaction::Begin(database, TransactionKind::kWrite);
    ASSERT_TRUE(transaction.ok());
    ASSERT_TRUE(database.Execute("INSERT INTO t VALUES (1)").ok());
    EXPECT_TRUE(database.in_transaction());
  }
  EXPECT_FALSE(database.in_transaction());
  EXPECT_EQ(Count(database, "t"), 0);
  {
    auto transaction = SqliteTransaction::Begin(database, TransactionKind::kWrite);
    ASSERT_TRUE(transaction.ok());
    ASSERT_TRUE(database.Execute("INSERT INTO t VALUES (1)").ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  EXPECT_EQ(Count(database, "t"), 1);
}

TEST(SqliteTransactionTest, RefusesToNest) {
  Database database = OpenMemory();
  auto outer = SqliteTransaction::Begin(database, TransactionKind::kWrite);
  ASSERT_TRUE(outer.ok());
  EXPECT_FALSE(SqliteTransaction::Begin(database, TransactionKind::kWrite).ok());
  EXPECT_TRUE(database.in_transaction());
}

}  // namespace
}  // namespace tidemark::store
