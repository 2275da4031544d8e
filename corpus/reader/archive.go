package reader

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

const (
	// maxDirectory bounds the bytes of a ZIP's directory, which is held in
	// memory: a million members and more.
	maxDirectory = 128 << 20
	// maxSpool bounds the ZIP or Parquet data that is set aside in a temporary
	// file because it comes as a stream and must be read from its end.
	maxSpool    = 8 << 30
	maxInMemory = 8 << 20
)

// seekable gives random access to the source: to its file, to memory, or to a
// temporary file that vanishes with closing.
func (r *run) seekable(s source, b *bufio.Reader) (at io.ReaderAt, size int64, closing func(), err error) {
	if s.file != nil {
		info, err := s.file.Stat()
		if err != nil {
			return nil, 0, nil, err
		}
		if info.Mode().IsRegular() {
			s.meter.in, s.meter.ahead = info.Size(), nil // all of it may be read, and parts of it many times over
			return s.file, info.Size(), func() {}, nil
		}
	}
	small, more, err := readAll(b, maxInMemory)
	if err != nil || !more {
		return bytes.NewReader(small), int64(len(small)), func() {}, err
	}
	f, err := os.CreateTemp("", "standpoint-*")
	if err != nil {
		return nil, 0, nil, err
	}
	closing = func() { f.Close(); os.Remove(f.Name()) }
	size, err = io.Copy(f, io.MultiReader(bytes.NewReader(small), io.LimitReader(b, maxSpool)))
	if err == nil && size > maxSpool {
		err = fmt.Errorf("it has more than %d bytes and comes as a stream", int64(maxSpool))
	}
	if err != nil {
		closing()
		return nil, 0, nil, err
	}
	return f, size, closing, nil
}

// A directoryReader bounds what reading a ZIP's directory takes.
type directoryReader struct {
	io.ReaderAt
	left int64
}

func (d *directoryReader) ReadAt(p []byte, off int64) (int, error) {
	if d.left -= int64(len(p)); d.left < 0 {
		return 0, errors.New("its directory is too large")
	}
	return d.ReaderAt.ReadAt(p, off)
}

// zip reads the members of a ZIP archive in the order of its directory, or the
// articles of a Word document, which is one too.
func (r *run) zip(s source, b *bufio.Reader) error {
	f, size, closing, err := r.seekable(s, b)
	if err != nil {
		return r.ended(s, 0, err, nil)
	}
	defer closing()
	directory := &directoryReader{f, maxDirectory}
	z, err := zip.NewReader(directory, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return r.reject(damaged(s, 0, err))
	}
	directory.left = 1 << 62
	for _, member := range z.File {
		if member.Name == "word/document.xml" {
			s.depth++
			s.format = docxFile
			return r.docx(s, member)
		}
	}
	if s.format == docxFile {
		return r.reject(damaged(s, 0, errors.New("no Word document in it")))
	}
	read := 0
	for _, member := range z.File {
		child, use, err := r.member(s, member.Name, member.Mode())
		if err != nil {
			return err
		}
		if member.Mode().IsDir() || strings.HasSuffix(member.Name, "/") || !use {
			continue
		}
		read++
		if member.Flags&1 != 0 {
			if err := r.reject(&Rejection{Place: corpus.Place{Path: child.path}, Reason: Encrypted,
				Message: "encrypted: the member needs a password", Mend: "unpack it with its password first"}); err != nil {
				return err
			}
			continue
		}
		in, err := member.Open()
		if err != nil {
			err = r.reject(damaged(child, 0, err))
		} else {
			err = r.stream(child, s.meter.unpacked(in))
			in.Close()
		}
		if err != nil {
			return err
		}
	}
	if read == 0 {
		return r.ended(s, 0, nil, empty(s, "the archive holds no file to read"))
	}
	return nil
}

// tar reads the members of a tar archive in order.
func (r *run) tar(s source, b *bufio.Reader) error {
	t := tar.NewReader(b)
	read := 0
	for {
		head, err := t.Next()
		switch {
		case err == io.EOF && read == 0:
			return r.ended(s, 0, nil, empty(s, "the archive holds no file to read"))
		case err == io.EOF:
			return nil
		case errors.Is(err, tar.ErrInsecurePath):
		case err != nil:
			if r.ctx.Err() != nil {
				return r.ctx.Err()
			}
			return r.reject(damaged(s, 0, err))
		}
		child, use, err := r.member(s, head.Name, head.FileInfo().Mode())
		if err != nil {
			return err
		}
		if head.Typeflag != tar.TypeReg || !use {
			continue
		}
		read++
		if err := r.stream(child, t); err != nil {
			return err
		}
	}
}

// member is the source that a member of an archive makes, and whether it is to
// be read. Members are never unpacked to the disk; a name that leads out of
// the archive, or a link, is refused all the same, for whoever made it meant
// harm.
func (r *run) member(s source, name string, mode os.FileMode) (source, bool, error) {
	clean := path.Clean(strings.ReplaceAll(name, `\`, "/"))
	child, known := newSource(s.path+"/"+name, s.id+"/"+clean)
	child.depth, child.meter, child.archive = s.depth+1, s.meter, true
	refuse := func(what, mend string) (source, bool, error) {
		return child, false, r.reject(&Rejection{Place: corpus.Place{Path: child.path}, Reason: Unsafe, Message: "refused: " + what, Mend: mend})
	}
	if clean == ".." || strings.HasPrefix(clean, "../") || strings.HasPrefix(clean, "/") || len(clean) > 1 && clean[1] == ':' || strings.ContainsRune(name, 0) {
		return refuse("its name leads out of the archive", "leave it out of the archive, or rename it")
	}
	for part := range strings.SplitSeq(clean, "/") {
		if strings.HasPrefix(part, ".") && part != "." || part == "__MACOSX" {
			return child, false, nil // as in folders
		}
	}
	if mode.IsDir() || !r.wanted(clean) {
		return child, false, nil
	}
	if !mode.IsRegular() {
		return refuse("a link or a device in an archive", "put the file itself into the archive")
	}
	if !known {
		return child, false, r.reject(unknownFormat(child.path))
	}
	return child, true, nil
}

func unknownFormat(name string) *Rejection {
	return &Rejection{Place: corpus.Place{Path: name}, Reason: UnknownFormat,
		Message: fmt.Sprintf("unknown format: no reader for the extension %q", path.Ext(name)),
		Mend:    "convert it to one of " + knownFormats + ", or leave it out with --exclude"}
}
