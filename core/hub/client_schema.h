// A client's schema as a part of the server's: which columns of each row travel to it. Invariant:
// every table and column of the client exists here with the same type and key, so that a projected
// row is a valid row there. Never changes after Match.
#ifndef TIDEMARK_CORE_HUB_CLIENT_SCHEMA_H_
#define TIDEMARK_CORE_HUB_CLIENT_SCHEMA_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/model/row.h"
#include "core/model/schema.h"

namespace tidemark::hub {

class ClientSchema {
 public:
  /// kOutdated names the table or column that does not fit; kInvalidArgs a document that is none.
  static Result<ClientSchema> Match(const model::Schema& server, std::string_view client_json);

  const std::string& hash() const { return hash_; }
  bool HasTable(model::TableIndex server_table) const { return tables_[server_table].has_value(); }
  /// The row in the client's columns; the same row when they are the server's, or when it is none
  /// of a table of the schema.
  model::Row Project(model::TableIndex server_table, const model::Row& row) const;
  /// For each column of the client's table, in its order, the server's column.
  const std::vector<model::ColumnIndex>& columns(model::TableIndex server_table) const {
    return tables_[server_table]->columns;
  }

 private:
  struct TableView {
    bool identity = false;  // same columns in the same order
    std::vector<model::ColumnIndex> columns;
  };
  std::string hash_;
  std::vector<std::optional<TableView>> tables_;  // by the server's index
};

}  // namespace tidemark::hub

#endif  // TIDEMARK_CORE_HUB_CLIENT_SCHEMA_H_
