// The fast reader of rows against the slow one: the same row, error, hash and key for any text.

#include "core/model/row_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/base/random.h"

namespace tidemark::model {
namespace {

constexpr std::string_view kSchema = R"({"tables":[{"name":"t","columns":[
  {"name":"string","type":"string"},
  {"name":"number","type":"number"},
  {"name":"boolean","type":"boolean"},
  {"name":"bigint","type":"bigint"},
  {"name":"timestamp","type":"timestamp"},
  {"name":"date","type":"date"},
  {"name":"json","type":"json"},
  {"name":"enumeration","type":"enumeration","values":["low","high"]},
  {"name":"maybe","type":"string","optional":true}],
  "primaryKey":["string","bigint"]}]})";

// Of each column: canonical, sound in another form, and wrong.
const std::vector<std::vector<std::string>> kCells = {
    {R"("a")", R"("")", R"("a,]b")", R"("Grüße")", R"("a\"b\\c\n")", "\"\x7f\"", R"("\u0041")",
     R"("\ud83d\ude00")", R"("\u0000")", "\"\xff\"", "\"\t\"", "1", "null", R"("a)", ""},
    {"0", "-7", "123456789012345", "1234567890123456789", "1.5", "1e21", "-0", "0.0", "1.50", "1E2",
     "01", "-", "1e999", "x", R"("1")", "null"},
    {"true", "false", "True", "0", "null"},
    {R"("0")", R"("-12")", R"("9223372036854775807")", R"("-9223372036854775808")", R"("007")",
     R"("-0")", R"("")", R"("9223372036854775808")", "12", R"("1\u0032")"},
    {"0", "1700000000000", "-5", "8640000000000001", "1.5", "1e3", "null"},
    {R"("2024-02-29")", R"("2023-02-29")", R"("2024-2-9")", R"("2024\u002d02-29")", "20240229"},
    {R"({"a":[1,{"b":"]"}],"c":null})", "[]", R"("text")", "12", "1.0", R"({"b":1,"a":2})",
     R"({ "a":1})", R"({"a":1)", "null", "[[[", R"({"a":1,"a":2})"},
    {R"("low")", R"("high")", R"("lo\u0077")", R"("mid")", "0"},
    {R"("x")", "null", "true", " null"}};

class RowReaderTest : public ::testing::Test {
 protected:
  /// Empty if the reader says what RowFromJsonText, HashRow and KeyOf say.
  std::string Differs(const std::string& text) {
    const Table& table = schema_.table(0);
    const Result<Row> row = reader_.Read(text);
    const Result<Row> wanted = RowFromJsonText(table, text);
    if (row.ok() != wanted.ok()) return row.ok() ? "took " + text : "refused " + text;
    if (!row.ok()) {
      return row.error() == wanted.error() ? "" : "said " + row.error().message + " of " + text;
    }
    if (!(*row == *wanted)) return "read " + RowJson(*row) + " from " + text;
    if (reader_.Hash() != HashRow(table.name, *wanted)) return "another hash of " + text;
    const RowKey key = KeyOf(table, *wanted);
    if (!reader_.HasKey(key)) return "not the key of " + text;
    for (const std::string& other :
         {key.value + " ", key.value.substr(0, key.value.size() - 1), "x" + key.value,
          "[" + key.value + "]", std::string("[]"), std::string()}) {
      if (reader_.HasKey(RowKey(other))) return "the key " + other + " for " + text;
    }
    return "";
  }

  static std::string Join(const std::vector<std::string>& cells, std::string_view between = ",") {
    std::string text = "[";
    for (const std::string& cell : cells) {
      if (text.size() > 1) text += between;
      text += cell;
    }
    return text + "]";
  }

  Schema schema_ = *Schema::Parse(kSchema);
  RowReader reader_{schema_.table(0)};
};

TEST_F(RowReaderTest, ReadsEveryCellAsTheSlowReaderDoes) {
  std::vector<std::string> cells;
  for (const auto& column : kCells) cells.push_back(column[0]);
  for (std::size_t column = 0; column < kCells.size(); ++column) {
    for (const std::string& cell : kCells[column]) {
      std::vector<std::string> row = cells;
      row[column] = cell;
      EXPECT_EQ(Differs(Join(row)), "");
      EXPECT_EQ(Differs(Join(row, ", ")), "");
    }
  }
  EXPECT_EQ(Differs(Join({cells.begin(), cells.end() - 1})), "");
  cells.emplace_back("1");
  EXPECT_EQ(Differs(Join(cells)), "");
  for (const char* text : {"", "[", "]", "[]", "null", "{}", "[[]]", "[,,,,,,,,]"}) {
    EXPECT_EQ(Differs(text), "");
  }
}

TEST_F(RowReaderTest, ReadsAnyTextAsTheSlowReaderDoes) {
  Random random(20261123);
  int read = 0;
  for (int i = 0; i < 20000; ++i) {
    std::vector<std::string> row;
    for (const auto& column : kCells) {
      row.push_back(column[random.OneIn(4) ? random.Below(column.size()) : random.Below(2)]);
    }
    std::string text = Join(row);
    if (random.OneIn(3)) {
      static constexpr std::string_view kBytes = "\"\\,[]{}:0-e \x80";
      const std::size_t at = random.Below(text.size());
      if (random.OneIn(2)) {
        text.erase(at, 1 + random.Below(3));
      } else {
        text.insert(at, 1, kBytes[random.Below(kBytes.size())]);
      }
    }
    ASSERT_EQ(Differs(text), "");
    if (reader_.Read(text).ok()) ++read;
  }
  EXPECT_GT(read, 2000);
}

}  // namespace
}  // namespace tidemark::model
