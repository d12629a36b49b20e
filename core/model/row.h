// An immutable row of a table: values in the schema's column order, shared by reference count.
// Copying a Row copies a pointer, and the same row in a source, a window and a change is stored
// once. The count is not atomic: a row belongs to one thread; handing a whole change set to another
// thread is a move that leaves no reference behind.
#ifndef TIDEMARK_CORE_MODEL_ROW_H_
#define TIDEMARK_CORE_MODEL_ROW_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/model/value.h"

namespace tidemark::model {

class Row {
 public:
  Row() = default;  // no row: `!row`
  static Row Make(std::vector<Value> values);

  Row(const Row& other) : data_(other.data_) {
    if (data_ != nullptr) ++data_->references;
  }
  Row(Row&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  Row& operator=(Row other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }
  ~Row() {
    if (data_ != nullptr && --data_->references == 0) delete data_;
  }

  explicit operator bool() const { return data_ != nullptr; }
  std::size_t size() const { return data_ == nullptr ? 0 : data_->values.size(); }
  const Value& operator[](std::size_t column) const { return data_->values[column]; }
  const std::vector<Value>& values() const { return data_->values; }

  /// Equal content (or the same row).
  friend bool operator==(const Row& a, const Row& b);

 private:
  struct Data {
    std::size_t references;
    std::vector<Value> values;
  };
  explicit Row(Data* data) : data_(data) {}

  Data* data_ = nullptr;
};

/// The row as a JSON array in column order: the wire form and the canonical form that is hashed.
void AppendRowJson(std::string& out, const Row& row);
std::string RowJson(const Row& row);

/// Hash of table name and canonical row content; fingerprints are sums of these.
Hash128 HashRow(std::string_view table, const Row& row);
/// The same of a row's canonical text.
Hash128 HashRowText(std::string_view table, std::string_view row_json);

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_ROW_H_
