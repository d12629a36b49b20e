// The walk over trees (tests/core/ivm/tree_walk.h) with Postgres as one more oracle: after every
// batch of writes it is asked for the same result, in one statement. SEED= and CASES= as there.
#include <memory>
#include <string>

#include "server/postgres/migration.h"
#include "server/postgres/rows.h"
#include "tests/core/ivm/tree_walk.h"
#include "tests/core/store/random_data.h"
#include "tests/server/postgres/postgres_world.h"

namespace tidemark::server {
namespace {

constexpr std::uint64_t kCases = 100;

using mutation::RowWrite;

/// Makes a case's tables anew, and holds its rows in a transaction that never ends well.
class PostgresOracle final : public ivm::Oracle {
 public:
  explicit PostgresOracle(PgConnection& sql) : sql_(sql) {}
  ~PostgresOracle() override { End(); }

  const char* name() const override { return "one statement of Postgres's"; }

  void Begin(const model::Schema& schema) override {
    End();
    Run("DROP SCHEMA public CASCADE");
    Run("CREATE SCHEMA public");
    const Status migrated = MigratePostgres(sql_, schema);
    EXPECT_TRUE(migrated.ok()) << migrated.error().message;
    Run("BEGIN");
    rows_ = std::make_unique<PgRows>(schema);
    rows_->Begin(sql_);
  }

  void Apply(const model::ChangeSet& changes) override {
    for (const model::RowChange& change : changes) {
      if (change.before) Write(RowWrite::Kind::kDelete, change);
      if (change.after) Write(RowWrite::Kind::kInsert, change);
    }
  }

  Result<std::string> Run(const query::Query& query) override { return rows_->Run(query); }

 private:
  void End() {
    if (rows_ != nullptr) Run("ROLLBACK");
    rows_.reset();
  }
  void Run(const std::string& statement) {
    const auto done = sql_.Execute(statement);
    EXPECT_TRUE(done.ok()) << statement;
  }
  void Write(RowWrite::Kind kind, const model::RowChange& change) {
    const bool erase = kind == RowWrite::Kind::kDelete;
    const Status written = rows_->Write({kind,
                                         change.table,
                                         change.key,
                                         erase ? change.before : model::Row(),
                                         erase ? model::Row() : change.after,
                                         {}});
    EXPECT_TRUE(written.ok()) << written.error().message;
  }

  PgConnection& sql_;
  std::unique_ptr<PgRows> rows_;
};

using PostgresTreeTest = PostgresTest;

TEST_F(PostgresTreeTest, MaintainedEqualsPostgresAtEveryDepthAfterEveryBatch) {
  Random random(store::SeedFromEnvironment(31));
  ivm::Coverage coverage;
  PostgresOracle oracle(*sql_);
  EXPECT_EQ(ivm::WalkTrees(random, store::CasesFromEnvironment(kCases), &oracle, coverage), "");
}

}  // namespace
}  // namespace tidemark::server
