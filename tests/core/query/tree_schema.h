// Tables that lead to one another in every way: one to many, to itself, through a junction whose
// rows repeat, with nulls in matched columns, and between columns of different types that compare.
#ifndef TIDEMARK_TESTS_CORE_QUERY_TREE_SCHEMA_H_
#define TIDEMARK_TESTS_CORE_QUERY_TREE_SCHEMA_H_

#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "core/model/schema.h"

namespace tidemark::testing {

inline constexpr std::string_view kTreeSchema = R"({"tables":[
  {"name":"artist","columns":[
    {"name":"id","type":"string"},
    {"name":"name","type":"string","optional":true},
    {"name":"rank","type":"number","optional":true},
    {"name":"fans","type":"bigint","optional":true},
    {"name":"live","type":"boolean","optional":true},
    {"name":"bossID","from":"boss \"id\"","type":"string","optional":true},
    {"name":"doc","type":"json","optional":true}],
   "primaryKey":["id"],
   "relationships":[
    {"name":"albums","kind":"many","table":"album","match":{"id":"artistID"}},
    {"name":"boss","kind":"one","table":"artist","match":{"bossID":"id"}},
    {"name":"band","kind":"many","table":"artist","match":{"id":"bossID"}}]},
  {"name":"album","from":"music.albums","columns":[
    {"name":"id","type":"bigint"},
    {"name":"artistID","from":"artist_id","type":"string","optional":true},
    {"name":"title","type":"string"},
    {"name":"day","type":"date","optional":true},
    {"name":"kind","type":"enumeration","values":["single","EP","LP"],"optional":true},
    {"name":"at","type":"timestamp","optional":true}],
   "primaryKey":["id"],"indexes":[["artistID"]],
   "relationships":[
    {"name":"artist","kind":"one","table":"artist","match":{"artistID":"id"}},
    {"name":"tracks","kind":"many","table":"track","match":{"id":"albumID"}},
    {"name":"twins","kind":"many","table":"track","match":{"id":"albumID","title":"title"}}]},
  {"name":"track","columns":[
    {"name":"part","type":"bigint"},
    {"name":"albumID","from":"album_id","type":"bigint","optional":true},
    {"name":"title","type":"string"},
    {"name":"key","type":"string"},
    {"name":"length","type":"number","optional":true},
    {"name":"day","type":"date","optional":true},
    {"name":"at","type":"timestamp","optional":true},
    {"name":"tags","type":"json"}],
   "primaryKey":["key","part"],
   "relationships":[
    {"name":"album","kind":"one","table":"album","match":{"albumID":"id"}},
    {"name":"playlists","kind":"many","table":"playlist","match":{"key":"trackKey","part":"trackPart"},
     "through":{"table":"entry","match":{"playlistID":"id"}}},
    {"name":"entries","kind":"many","table":"entry","match":{"key":"trackKey","part":"trackPart"}},
    {"name":"sameTime","kind":"many","table":"album","match":{"at":"at","day":"day"}}]},
  {"name":"playlist","columns":[
    {"name":"id","type":"number"},
    {"name":"name","type":"string","optional":true},
    {"name":"done","type":"boolean"}],
   "primaryKey":["id"],
   "relationships":[
    {"name":"tracks","kind":"many","table":"track","match":{"id":"playlistID"},
     "through":{"table":"entry","match":{"trackKey":"key","trackPart":"part"}}},
    {"name":"first","kind":"one","table":"track","match":{"id":"playlistID"},
     "through":{"table":"entry","match":{"trackKey":"key","trackPart":"part"}}},
    {"name":"entries","kind":"many","table":"entry","match":{"id":"playlistID"}}]},
  {"name":"entry","columns":[
    {"name":"id","type":"string"},
    {"name":"playlistID","from":"playlist_id","type":"number","optional":true},
    {"name":"trackKey","from":"track_key","type":"string","optional":true},
    {"name":"trackPart","from":"track_part","type":"bigint","optional":true},
    {"name":"note","type":"string","optional":true}],
   "primaryKey":["id"],
   "relationships":[
    {"name":"track","kind":"one","table":"track","match":{"trackKey":"key","trackPart":"part"}},
    {"name":"day","kind":"many","table":"track","match":{"note":"day"}}]}]})";

inline model::Schema TreeSchema() {
  Result<model::Schema> schema = model::Schema::Parse(kTreeSchema);
  TIDEMARK_CHECK(schema.ok());
  return std::move(schema).value();
}

}  // namespace tidemark::testing

#endif  // TIDEMARK_TESTS_CORE_QUERY_TREE_SCHEMA_H_
