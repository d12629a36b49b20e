// Rows of one table from their JSON text: what RowFromJsonText, HashRow and KeyOf give, without
// building a tree of the text or writing it again where it is plain, which rows from a server are
// but for documents and fractions.
#ifndef TIDEMARK_CORE_MODEL_ROW_READER_H_
#define TIDEMARK_CORE_MODEL_ROW_READER_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/model/row.h"
#include "core/model/schema.h"

namespace tidemark::model {

class RowReader {
 public:
  /// `table` outlives the reader.
  explicit RowReader(const Table& table);

  const Table& table() const { return table_; }
  /// `text` lives until the next Read.
  Result<Row> Read(std::string_view text);

  // Of the row that was read last.
  Hash128 Hash() const;
  bool HasKey(const RowKey& key) const;

 private:
  bool Split(std::string_view text);
  bool ReadCells(std::vector<Value>& values);
  bool ReadCell(const Column& column, std::string_view cell, Value& value);

  const Table& table_;
  const std::uint64_t seed_;  // HashRow's
  std::string_view text_;
  std::vector<std::string_view> cells_;  // of text_
  bool is_canonical_ = false;            // text_ is what RowJson would write
  Row row_;
};

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_ROW_READER_H_
