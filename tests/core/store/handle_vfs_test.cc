#include "core/store/handle_vfs.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/store/memory_file.h"
#include "core/store/sqlite.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/sqlite_on_disk.h"

namespace tidemark::store {
namespace {

using testing::DiskFault;
using testing::FaultyDisk;
using testing::SqliteOnDisk;

constexpr char kVfs[] = "handle-test";
constexpr char kPragmas[] =
    "PRAGMA page_size=8192; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;";

std::int64_t Count(Database& database) {
  auto statement = database.Prepare("SELECT count(*) FROM t");
  EXPECT_TRUE(statement.ok());
  auto row = statement->Step();
  EXPECT_TRUE(row.ok() && *row);
  return statement->Int64(0);
}

std::string Pragma(Database& database, std::string_view sql) {
  auto statement = database.Prepare(sql);
  EXPECT_TRUE(statement.ok());
  auto row = statement->Step();
  EXPECT_TRUE(row.ok() && *row);
  return std::string(statement->Text(0));
}

TEST(HandleVfsTest, KeepsRowsOverReopenInWal) {
  FaultyDisk disk(1);
  for (int round = 0; round < 3; ++round) {
    SqliteOnDisk sqlite(disk, kVfs);
    ASSERT_TRUE(sqlite.Add("db").ok());
    auto database = sqlite.Open("db");
    ASSERT_TRUE(database.ok()) << database.error().message;
    ASSERT_TRUE(database->Execute(kPragmas).ok());
    EXPECT_EQ(Pragma(*database, "PRAGMA journal_mode"), "wal");
    EXPECT_EQ(Pragma(*database, "PRAGMA page_size"), "8192");
    ASSERT_TRUE(database->Execute("CREATE TABLE IF NOT EXISTS t(x)").ok());
    EXPECT_EQ(Count(*database), round);
    ASSERT_TRUE(database->Execute("INSERT INTO t VALUES (zeroblob(20000))").ok());
    EXPECT_EQ(Pragma(*database, "PRAGMA integrity_check"), "ok");
  }
}

TEST(HandleVfsTest, KeepsRowsOverReopenWithRollbackJournal) {
  FaultyDisk disk(1);
  for (int round = 0; round < 3; ++round) {
    SqliteOnDisk sqlite(disk, kVfs);
    ASSERT_TRUE(sqlite.Add("db").ok());
    auto database = sqlite.Open("db");
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE(database->Execute("CREATE TABLE IF NOT EXISTS t(x)").ok());
    ASSERT_TRUE(database->Execute("INSERT INTO t VALUES (1)").ok());
    EXPECT_EQ(Count(*database), round + 1);
  }
  EXPECT_EQ(disk.Content("db-journal").size(), 0u);
}

TEST(HandleVfsTest, WritesOneFrameInOneCall) {
  FaultyDisk disk(1);
  SqliteOnDisk sqlite(disk, kVfs);
  ASSERT_TRUE(sqlite.Add("db").ok());
  auto database = sqlite.Open("db");
  ASSERT_TRUE(database.ok());
  ASSERT_TRUE(database->Execute(kPragmas).ok());
  ASSERT_TRUE(database->Execute("CREATE TABLE t(x)").ok());
  ASSERT_TRUE(database->Execute("INSERT INTO t VALUES (1)").ok());
  const std::uint64_t before = disk.operations();
  ASSERT_TRUE(database->Execute("INSERT INTO t VALUES (2)").ok());
  EXPECT_EQ(disk.operations() - before, 2u);  // one frame, one flush
}

TEST(HandleVfsTest, RefusesASecondConnectionAndUnknownFiles) {
  FaultyDisk disk(1);
  SqliteOnDisk sqlite(disk, kVfs);
  ASSERT_TRUE(sqlite.Add("db").ok());
  EXPECT_FALSE(sqlite.Add("db").ok());
  auto first = sqlite.Open("db");
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(first->Execute("CREATE TABLE t(x)").ok());
  EXPECT_FALSE(sqlite.Open("db").ok());
  EXPECT_FALSE(sqlite.Open("other").ok());
}

TEST(HandleVfsTest, NamesWhatIsWrongWithAFileAndLeavesItAlone) {
  FaultyDisk disk(1);
  const auto add = [&disk]() -> Status {
    SqliteOnDisk sqlite(disk, kVfs);
    return sqlite.Add("db");
  };
  ASSERT_TRUE(add().ok());
  const std::string good = disk.Content("db");

  std::string damaged = good;
  damaged[9] = 7;  // the format, under the checksum
  disk.SetContent("db", damaged);
  Status status = add();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(status.error().message.find("damaged"), std::string::npos);
  EXPECT_EQ(disk.Content("db"), damaged);

  disk.SetContent("db", "SQLite format 3" + std::string(10000, 'x'));
  status = add();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kCorrupt);

  disk.SetContent("db", "");
  disk.SetContent("db-wal", "frames without a database");
  status = add();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(disk.Content("db"), "");

  disk.SetContent("db-wal", "");
  disk.SetContent("db", good.substr(0, 20));  // the very first write was cut short
  EXPECT_TRUE(add().ok());
  EXPECT_EQ(disk.Content("db"), good);
}

TEST(HandleVfsTest, RefusesTheFileOfAnotherDatabase) {
  FaultyDisk disk(1);
  SqliteOnDisk sqlite(disk, kVfs);
  ASSERT_TRUE(sqlite.Add("db").ok());
  const Status status = sqlite.vfs().AddDatabase(
      "other", "log", DatabaseFiles{disk.File("db"), disk.File("db-journal"), disk.File("db-wal")});
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("holds 'db', not 'log'"), std::string::npos);
}

TEST(HandleVfsTest, ReportsAFullDiskAndGoesOnWhenThereIsSpace) {
  FaultyDisk disk(1);
  SqliteOnDisk sqlite(disk, kVfs);
  ASSERT_TRUE(sqlite.Add("db").ok());
  auto database = sqlite.Open("db");
  ASSERT_TRUE(database.ok());
  ASSERT_TRUE(database->Execute(kPragmas).ok());
  ASSERT_TRUE(database->Execute("CREATE TABLE t(x)").ok());
  disk.SetCapacity(disk.used_bytes() + 10000);
  const Status full = database->Execute("INSERT INTO t VALUES (zeroblob(50000))");
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code, ErrorCode::kLimit);
  disk.SetCapacity(1u << 30);
  ASSERT_TRUE(database->Execute("INSERT INTO t VALUES (zeroblob(50000))").ok());
  EXPECT_EQ(Count(*database), 1);
  EXPECT_EQ(Pragma(*database, "PRAGMA integrity_check"), "ok");
}

// Runs transactions until the disk dies; gives how many were committed.
int CommitUntilCrash(FaultyDisk& disk) {
  SqliteOnDisk sqlite(disk, kVfs);
  if (!sqlite.Add("db").ok()) return 0;
  auto database = sqlite.Open("db");
  if (!database.ok() || !database->Execute(kPragmas).ok()) return 0;
  if (!database->Execute("PRAGMA wal_autocheckpoint=4").ok()) return 0;
  if (!database->Execute("CREATE TABLE IF NOT EXISTS t(x)").ok()) return 0;
  int committed = 0;
  while (committed < 12 && database->Execute("INSERT INTO t VALUES (zeroblob(9000))").ok()) {
    ++committed;
  }
  return committed;
}

TEST(HandleVfsTest, LosesNothingCommittedWhereverThePowerFails) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    for (std::uint64_t operation = 0;; ++operation) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", operation " + std::to_string(operation));
      FaultyDisk disk(seed * 1000 + operation);
      disk.FailAt(operation, DiskFault::kCrash);
      const int committed = CommitUntilCrash(disk);
      if (!disk.crashed()) break;  // past the last operation
      disk.Restart();

      SqliteOnDisk sqlite(disk, kVfs);
      const Status added = sqlite.Add("db");
      ASSERT_TRUE(added.ok()) << added.error().message;
      auto database = sqlite.Open("db");
      ASSERT_TRUE(database.ok()) << database.error().message;
      ASSERT_TRUE(database->Execute(kPragmas).ok());
      ASSERT_TRUE(database->Execute("CREATE TABLE IF NOT EXISTS t(x)").ok());
      EXPECT_EQ(Pragma(*database, "PRAGMA integrity_check"), "ok");
      const std::int64_t found = Count(*database);
      EXPECT_GE(found, committed);
      EXPECT_LE(found, committed + 1);  // the one that was under way
    }
  }
}

TEST(MemoryFileTest, ReadsWhatWasWritten) {
  MemoryFile file;
  ASSERT_TRUE(file.Write(3, "abc").ok());
  std::string into(8, '?');
  auto read = file.Read(1, {into.data(), into.size()});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, 5u);
  EXPECT_EQ(into.substr(0, 5), std::string("\0\0abc", 5));
  ASSERT_TRUE(file.Truncate(4).ok());
  EXPECT_EQ(*file.Size(), 4u);
  EXPECT_EQ(*file.Read(9, {into.data(), into.size()}), 0u);
}

}  // namespace
}  // namespace tidemark::store
