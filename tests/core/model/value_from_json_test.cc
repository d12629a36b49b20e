#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/json.h"
#include "core/model/schema.h"

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
  {"name":"maybe","type":"json","optional":true}],
  "primaryKey":["string","bigint"]}]})";

class ValueFromJsonTest : public ::testing::Test {
 protected:
  Result<Value> Read(std::string_view column, std::string_view json) {
    const Table& table = schema_.table(0);
    return ValueFromJson(table, table.columns[*table.FindColumn(column)], *ParseJson(json));
  }

  /// The wire form of what `json` becomes, or the error's message.
  std::string Text(std::string_view column, std::string_view json) {
    const Result<Value> value = Read(column, json);
    if (!value.ok()) {
      EXPECT_EQ(value.error().code, ErrorCode::kInvalidArgs);
      EXPECT_EQ(value.error().message.rfind("t." + std::string(column) + ": ", 0), 0u)
          << value.error().message;
      return "error: " + value.error().message;
    }
    std::string text;
    AppendJson(text, *value);
    return text;
  }

  bool Fails(std::string_view column, std::string_view json) {
    return Text(column, json).rfind("error: ", 0) == 0;
  }

  Schema schema_ = *Schema::Parse(kSchema);
};

TEST_F(ValueFromJsonTest, TakesValuesOfEveryType) {
  EXPECT_EQ(Text("string", R"("text")"), R"("text")");
  EXPECT_EQ(Text("number", "1.0"), "1");
  EXPECT_EQ(Text("number", "-0.0"), "0");
  EXPECT_EQ(Text("number", "18446744073709551615"), "18446744073709552000");
  EXPECT_EQ(Text("boolean", "true"), "true");
  EXPECT_EQ(Text("bigint", R"("9223372036854775807")"), R"("9223372036854775807")");
  EXPECT_EQ(Text("bigint", R"("-007")"), R"("-7")");
  EXPECT_EQ(Text("timestamp", "1.7e12"), "1700000000000");
  EXPECT_EQ(Text("date", R"("2024-02-29")"), R"("2024-02-29")");
  EXPECT_EQ(Text("json", R"({"b":1.0,"a":[]})"), R"({"a":[],"b":1})");
  EXPECT_EQ(Text("enumeration", R"("high")"), R"("high")");
  EXPECT_EQ(Text("maybe", "null"), "null");
  EXPECT_TRUE(Read("maybe", "null")->is_null());
}

TEST_F(ValueFromJsonTest, NamesColumnAndMismatch) {
  EXPECT_EQ(Text("boolean", R"("yes")"), R"(error: t.boolean: expected a boolean, got "yes")");
  EXPECT_EQ(Text("string", "1"), "error: t.string: expected a string, got 1");
  EXPECT_EQ(Text("json", "null"), "error: t.json: null in a required column");
  EXPECT_EQ(Text("enumeration", R"("mid")"),
            R"(error: t.enumeration: expected one of 'low' 'high', got "mid")");
}

TEST_F(ValueFromJsonTest, RefusesOtherTypes) {
  const std::vector<std::string_view> values = {"null", "true", "1", "1.5", R"("x")", "[]", "{}"};
  const auto accepted = [](std::string_view column, std::string_view value) {
    if (column == "string") return value == R"("x")";
    if (column == "number") return value == "1" || value == "1.5";
    if (column == "boolean") return value == "true";
    if (column == "timestamp") return value == "1";
    if (column == "json") return value != "null";
    return column == "maybe";
  };
  for (const Column& column : schema_.table(0).columns) {
    for (const std::string_view value : values) {
      EXPECT_EQ(Fails(column.name, value), !accepted(column.name, value))
          << column.name << " " << value;
    }
  }
}

TEST_F(ValueFromJsonTest, RefusesTextThatDatabasesCannotHold) {
  EXPECT_TRUE(Fails("string", R"("a\u0000b")"));
  EXPECT_TRUE(Fails("json", R"({"a":"\u0000"})"));
  const Table& table = schema_.table(0);
  EXPECT_FALSE(ValueFromJson(table, table.columns[0], boost::json::value("\xed\xa0\x80")).ok());
}

TEST_F(ValueFromJsonTest, RefusesDatesThatDoNotExist) {
  for (const std::string_view date :
       {"2023-02-29", "1900-02-29", "2024-00-01", "2024-13-01", "2024-04-31", "2024-01-00",
        "0000-01-01", "24-01-01", "2024-1-01", "2024-01-01T00:00", "2024/01/01", "-024-01-01"}) {
    EXPECT_TRUE(Fails("date", "\"" + std::string(date) + "\"")) << date;
  }
  EXPECT_FALSE(Fails("date", R"("2000-02-29")"));
  EXPECT_FALSE(Fails("date", R"("9999-12-31")"));
}

TEST_F(ValueFromJsonTest, RefusesTimestampsThatAreNotWholeOrOutOfRange) {
  EXPECT_TRUE(Fails("timestamp", "1.5"));
  EXPECT_TRUE(Fails("timestamp", "8640000000000001"));
  EXPECT_FALSE(Fails("timestamp", "8640000000000000"));
  EXPECT_TRUE(Fails("timestamp", "-210866803200001"));
  EXPECT_TRUE(Fails("timestamp", R"("2024-01-01T00:00:00Z")"));
}

TEST_F(ValueFromJsonTest, RefusesBigintsThatAreNotOf64Bits) {
  for (const std::string_view text : {"", "-", "1.0", "1e3", "+1", " 1", "1 ", "0x1",
                                      "9223372036854775808", "-9223372036854775809"}) {
    EXPECT_TRUE(Fails("bigint", "\"" + std::string(text) + "\"")) << text;
  }
}

TEST_F(ValueFromJsonTest, CutsLongValuesInMessages) {
  const std::string message = Text("number", "\"" + std::string(1000, 'x') + "\"");
  EXPECT_LT(message.size(), 200u);
}

TEST_F(ValueFromJsonTest, RowsTakeOneValueAColumn) {
  const Table& table = schema_.table(0);
  const std::string text = R"(["a",1.5,true,"7",1000,"2024-01-01",{"x":[1]},"low",null])";
  const Result<Row> row = RowFromJsonText(table, text);
  ASSERT_TRUE(row.ok()) << row.error().message;
  EXPECT_EQ(RowJson(*row), text);
  EXPECT_EQ(KeyOf(table, *row), RowKey(R"(["a","7"])"));
  EXPECT_FALSE(RowFromJsonText(table, R"(["a"])").ok());
  EXPECT_FALSE(RowFromJsonText(table, R"({"string":"a"})").ok());
  EXPECT_FALSE(RowFromJsonText(table, "[").ok());
}

TEST_F(ValueFromJsonTest, RowsLargerThanTheBufferAreRead) {
  const std::string large(100000, 'x');
  const Result<Row> row = RowFromJsonText(
      schema_.table(0),
      R"([")" + large + R"(",0,true,"7",0,"2024-01-01",0,"low",{"x":")" + large + R"("}])");
  ASSERT_TRUE(row.ok());
  EXPECT_EQ((*row)[0].string(), large);
}

TEST_F(ValueFromJsonTest, KeysGiveTheirValuesBack) {
  const Table& table = schema_.table(0);
  const std::vector<Value> values = {Value("a\"\xc3\xa9"), Value(std::int64_t{INT64_MIN})};
  const RowKey key = KeyFromValues(values);
  const Result<std::vector<Value>> back = ValuesOfKey(table, key);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, values);
  EXPECT_FALSE(ValuesOfKey(table, RowKey(R"(["a"])")).ok());
  EXPECT_FALSE(ValuesOfKey(table, RowKey(R"(["a",1])")).ok());
  EXPECT_FALSE(ValuesOfKey(table, RowKey("")).ok());
}

}  // namespace
}  // namespace tidemark::model
